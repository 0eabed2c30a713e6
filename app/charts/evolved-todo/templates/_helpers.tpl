{{/* evolved-todo.common: what the values say of one component, and what both have alike. Takes {root, name}. */}}
{{- define "evolved-todo.common" -}}
{{- $values := .root.Values -}}
replicaCount: {{ get $values.replicaCount .name }}
image: {{- get $values.image .name | toYaml | nindent 2 }}
resources: {{- get $values.resources .name | toYaml | nindent 2 }}
autoscaling: {{- get $values.autoscaling .name | toYaml | nindent 2 }}
service: {{- get $values.service .name | toYaml | nindent 2 }}
ingress: {enabled: false}
minReadySeconds: 5
shutdown: {delaySeconds: 5, gracefulSeconds: 30}
runAsUser: 1001
{{- end -}}

{{/* evolved-todo.backend: the backend as the library takes it. Keys of its Secret are no names of variables. */}}
{{- define "evolved-todo.backend" -}}
{{- $given := .Values.secrets -}}
{{- $secrets := dict
      "database-url" $given.databaseUrl
      "openai-api-key" $given.openaiApiKey
      "better-auth-secret" $given.betterAuthSecret -}}
{{- $own := dict
      "containerPort" 8000
      "secretName" "evolved-todo-secrets"
      "secrets" (ternary $secrets dict (not (empty $given.databaseUrl)))
      "secretChecksum" .Values.secretChecksum
      "secretEnv" (dict "DATABASE_URL" "database-url" "BETTER_AUTH_SECRET" "better-auth-secret")
      "optionalSecretEnv" (dict "OPENAI_API_KEY" "openai-api-key")
      "configName" "evolved-todo-config"
      "config" .Values.config
      "writablePaths" (list "/tmp")
      "migration" (dict
        "enabled" true
        "command" (list "python" "-m" "app.migrate")
        "goesBack" true
        "backoffLimit" 3
        "deadlineSeconds" 300) -}}
{{- $probes := dict "port" 8000 "live" "/livez" "ready" "/health" "start" "/startupz" -}}
{{- $common := include "evolved-todo.common" (dict "root" . "name" "backend") | fromYaml -}}
{{- $values := merge $own $common (include "component.httpProbes" $probes | fromYaml) -}}
{{- include "component.data" (dict "root" . "name" "backend" "values" $values) -}}
{{- end -}}

{{/* evolved-todo.frontend: the frontend as the library takes it. */}}
{{- define "evolved-todo.frontend" -}}
{{- $backend := include "component.serviceName" (include "evolved-todo.backend" . | fromYaml) -}}
{{- $own := dict
      "containerPort" 3000
      "config" (dict
        "BACKEND_INTERNAL_URL" (printf "http://%s:%v" $backend .Values.service.backend.port)
        "NEXT_PUBLIC_LOG_LEVEL" .Values.config.LOG_LEVEL)
      "writablePaths" (list "/tmp" "/app/.next/cache")
      "migration" (dict "enabled" false) -}}
{{- $probes := dict "port" 3000 "live" "/api/health" "ready" "/api/health" "start" "/api/health" -}}
{{- $common := include "evolved-todo.common" (dict "root" . "name" "frontend") | fromYaml -}}
{{- $values := merge $own $common (include "component.httpProbes" $probes | fromYaml) -}}
{{- include "component.data" (dict "root" . "name" "frontend" "values" $values) -}}
{{- end -}}
