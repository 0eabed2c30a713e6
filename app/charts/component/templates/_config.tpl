{{/* component.configMap: plain settings, read by envFrom. Takes the component. */}}
{{- define "component.configMap" -}}
{{- if .config }}
apiVersion: v1
kind: ConfigMap
metadata:
  {{- include "component.metadata" (dict "component" . "name" (include "component.configName" .)) | nindent 2 }}
data:
  {{- toYaml .config | nindent 2 }}
{{- end }}
{{- end -}}

{{/* component.secret: only where the values hold the secrets; otherwise it exists already. Takes the component. */}}
{{- define "component.secret" -}}
{{- if .secrets }}
apiVersion: v1
kind: Secret
metadata:
  {{- include "component.metadata" (dict "component" . "name" (include "component.secretName" .)) | nindent 2 }}
type: Opaque
stringData:
  {{- toYaml .secrets | nindent 2 }}
{{- end }}
{{- end -}}

{{/* component.serviceAccount: an identity without rights and without a token. Takes the component. */}}
{{- define "component.serviceAccount" -}}
{{- if not .serviceAccountName }}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "component.metadata" (dict "component" .) | nindent 2 }}
automountServiceAccountToken: false
{{- end }}
{{- end -}}
