{{/*
todo-backend.component: this chart's values with name and labels, as the library takes them. Variables have defaults as a
whole: one that was left over from them would be an alias of a given one, or ask the Secret for a key that it lacks.
*/}}
{{- define "todo-backend.component" -}}
{{- $secretEnv := dict "DATABASE_URL" "DATABASE_URL" "BETTER_AUTH_SECRET" "BETTER_AUTH_SECRET" -}}
{{- $optional := dict "OPENAI_API_KEY" "OPENAI_API_KEY" -}}
{{- $config := dict "JWT_ALGORITHM" "HS256" "JWT_EXPIRE_DAYS" "7" "CORS_ORIGINS" "http://todo.local" -}}
{{- $config = .Values.config | default $config -}}
{{- $derived := dict -}}
{{- if hasKey $config "DATABASE_TOTAL_CONNECTIONS" -}}
{{- $_ := set $derived "MAX_REPLICAS" (include "component.podsAtMost" .Values) -}}
{{- end -}}
{{- with .Values.volumes.attachments -}}
{{- $_ := set $derived "ATTACHMENT_FOLDER" .path -}}
{{- end -}}
{{- $variables := dict
      "secretEnv" (.Values.secretEnv | default $secretEnv)
      "optionalSecretEnv" (.Values.optionalSecretEnv | default $optional)
      "config" (merge dict $config $derived) -}}
{{- include "component.data" (dict "root" . "name" "todo-backend" "values" (merge $variables .Values)) -}}
{{- end -}}
