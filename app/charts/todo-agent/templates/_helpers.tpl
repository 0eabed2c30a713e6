{{/*
todo-agent.component: this chart's values with name and labels, as the library takes them. Variables have defaults as a
whole: an address that was left over from them would lead to another deployment's backend.
*/}}
{{- define "todo-agent.component" -}}
{{- $optional := dict "OPENAI_API_KEY" "OPENAI_API_KEY" "ANTHROPIC_API_KEY" "ANTHROPIC_API_KEY" -}}
{{- $config := dict "BACKEND_URL" "http://todo-backend:8000" "MCP_SERVER_HOST" "todo-backend:8000" "AGENT_NAME" "Todo assistant" -}}
{{- $variables := dict
      "optionalSecretEnv" (.Values.optionalSecretEnv | default $optional)
      "config" (.Values.config | default $config) -}}
{{- include "component.data" (dict "root" . "name" "todo-agent" "values" (merge $variables .Values)) -}}
{{- end -}}
