{{/*
todo-frontend.component: this chart's values with name and labels, as the library takes them. Settings have defaults as a
whole: an address that was left over from them would lead to another deployment's backend.
*/}}
{{- define "todo-frontend.component" -}}
{{- $config := dict "BACKEND_INTERNAL_URL" "http://todo-backend:8000" "NEXT_PUBLIC_API_URL" "http://todo.local" -}}
{{- $variables := dict "config" (.Values.config | default $config) -}}
{{- include "component.data" (dict "root" . "name" "todo-frontend" "values" (merge $variables .Values)) -}}
{{- end -}}
