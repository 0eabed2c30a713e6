{{/*
todo-app.common: what the values say of one component, and what both have alike. Takes {root, name}.
The component's own number of replicas beats the one for all.
*/}}
{{- define "todo-app.common" -}}
{{- $values := .root.Values -}}
{{- $component := get $values .name -}}
namespace: {{ $values.namespace }}
fullnameOverride: {{ .name }}
replicaCount: {{ hasKey $component "replicas" | ternary $component.replicas $values.replicaCount }}
image: {{- merge $component.image $values.image | toYaml | nindent 2 }}
resources: {{- $component.resources | toYaml | nindent 2 }}
autoscaling: {{- merge (dict "name" (printf "%s-hpa" .name)) $component.autoscaling | toYaml | nindent 2 }}
minReadySeconds: 5
shutdown: {delaySeconds: 5, gracefulSeconds: 30}
runAsUser: 1001
nodeSelector: {{- $values.nodeSelector | toYaml | nindent 2 }}
tolerations: {{- $values.tolerations | toYaml | nindent 2 }}
affinity: {{- $values.affinity | toYaml | nindent 2 }}
{{- end -}}

{{/* todo-app.config: the ConfigMap of both; API_HOST and API_PORT say where the backend is for others. */}}
{{- define "todo-app.config" -}}
{{- $backend := dict "autoscaling" .Values.backend.autoscaling "replicaCount" .Values.backend.replicas -}}
{{- $derived := dict
      "API_HOST" "backend-service"
      "API_PORT" (toString .Values.backend.port)
      "CORS_ORIGINS" (printf "http://frontend:%v,http://localhost:%v" .Values.frontend.port .Values.frontend.port) -}}
{{- if hasKey .Values.config "DATABASE_TOTAL_CONNECTIONS" -}}
{{- $_ := set $derived "MAX_REPLICAS" (include "component.podsAtMost" $backend) -}}
{{- end -}}
{{- merge dict .Values.config $derived | toYaml -}}
{{- end -}}

{{/* todo-app.secrets: what bare Helm is given for the Secret, with the database's address if only its password is. */}}
{{- define "todo-app.secrets" -}}
{{- $database := .Values.database -}}
{{- $derived := dict -}}
{{- with .Values.secrets.POSTGRES_PASSWORD -}}
{{- $user := printf "%s:%s" (urlquery $database.user) (urlquery . | replace "+" "%20") -}}
{{- $_ := set $derived "DATABASE_URL" (printf "postgresql://%s@%s:%v/%s" $user $database.host $database.port $database.name) -}}
{{- end -}}
{{- merge dict .Values.secrets $derived | toYaml -}}
{{- end -}}

{{/* todo-app.backend: the backend as the library takes it. */}}
{{- define "todo-app.backend" -}}
{{- $own := dict
      "containerPort" 8000
      "service" (dict "name" "backend-service" "type" "ClusterIP" "port" .Values.backend.port)
      "secretName" "todo-app-secrets"
      "secrets" (include "todo-app.secrets" . | fromYaml)
      "secretChecksum" .Values.secretChecksum
      "secretEnv" (dict "DATABASE_URL" "DATABASE_URL" "JWT_SECRET" "JWT_SECRET")
      "optionalSecretEnv" (dict
        "OPENAI_API_KEY" "OPENAI_API_KEY"
        "CLOUDINARY_CLOUD_NAME" "CLOUDINARY_CLOUD_NAME"
        "CLOUDINARY_API_KEY" "CLOUDINARY_API_KEY"
        "CLOUDINARY_API_SECRET" "CLOUDINARY_API_SECRET")
      "configName" "todo-app-config"
      "config" (include "todo-app.config" . | fromYaml)
      "ingress" (dict "enabled" false)
      "writablePaths" (list "/tmp")
      "networkPolicies" (ternary (include "todo-app.policies" . | fromYaml) dict .Values.networkPolicies.enabled)
      "migration" (dict
        "enabled" true
        "command" (list "python" "-m" "app.migrate")
        "goesBack" true
        "backoffLimit" 3
        "deadlineSeconds" 300) -}}
{{- $probes := dict "port" 8000 "live" "/livez" "ready" "/readyz" "start" "/startupz" -}}
{{- $common := include "todo-app.common" (dict "root" . "name" "backend") | fromYaml -}}
{{- $values := merge $own $common (include "component.httpProbes" $probes | fromYaml) -}}
{{- include "component.data" (dict "root" . "name" "backend" "values" $values) -}}
{{- end -}}

{{/* todo-app.frontend: the frontend as the library takes it. */}}
{{- define "todo-app.frontend" -}}
{{- $config := include "todo-app.config" . | fromYaml -}}
{{- $own := dict
      "containerPort" 3000
      "service" (dict "name" "frontend" "type" "ClusterIP" "port" .Values.frontend.port)
      "config" (dict
        "BACKEND_INTERNAL_URL" (printf "http://%s:%s" $config.API_HOST $config.API_PORT)
        "NEXT_PUBLIC_LOG_LEVEL" $config.LOG_LEVEL)
      "ingress" .Values.ingress
      "writablePaths" (list "/tmp" "/app/.next/cache")
      "migration" (dict "enabled" false) -}}
{{- $probes := dict "port" 3000 "live" "/api/health" "ready" "/api/health" "start" "/api/health" -}}
{{- $common := include "todo-app.common" (dict "root" . "name" "frontend") | fromYaml -}}
{{- $values := merge $own $common (include "component.httpProbes" $probes | fromYaml) -}}
{{- include "component.data" (dict "root" . "name" "frontend" "values" $values) -}}
{{- end -}}

{{/*
todo-app.policies: who may reach the backend, and whom it may reach: a database in another namespace or in its own, the
name service, and the providers of models and storage.
*/}}
{{- define "todo-app.policies" -}}
backend-allow-frontend:
  ingress:
    - from:
        - podSelector: {matchLabels: {app: frontend}}
      ports:
        - {protocol: TCP, port: 8000}
backend-allow-database:
  egress:
    - to:
        - namespaceSelector: {matchLabels: {name: default}}
      ports:
        - {protocol: TCP, port: {{ .Values.database.port }}}
    - to:
        - podSelector: {matchLabels: {app: {{ .Values.database.host }}}}
      ports:
        - {protocol: TCP, port: {{ .Values.database.port }}}
    - to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
          podSelector: {matchLabels: {k8s-app: kube-dns}}
      ports:
        - {protocol: UDP, port: 53}
        - {protocol: TCP, port: 53}
    - ports:
        - {protocol: TCP, port: 443}
{{- end -}}
