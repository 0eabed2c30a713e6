{{/* postgres.component: this chart's values with name and labels, as the library takes them. */}}
{{- define "postgres.component" -}}
{{- $fixed := dict "containerPort" 5432 "portName" "postgres" "writablePaths" (list "/tmp" "/var/run/postgresql") -}}
{{- include "component.data" (dict "root" . "name" "postgres" "values" (merge $fixed .Values)) -}}
{{- end -}}
