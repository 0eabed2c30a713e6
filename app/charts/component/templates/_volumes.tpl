{{/* component.volumeClaims: what the component's volumes are claimed by; they go with the release. Takes the component. */}}
{{- define "component.volumeClaims" -}}
{{- range $name, $volume := .volumes }}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  {{- include "component.metadata" (dict "component" $ "name" (printf "%s-%s" $.name $name)) | nindent 2 }}
spec:
  accessModes: [{{ $volume.accessMode | default "ReadWriteOnce" }}]
  {{- with $volume.storageClass }}
  storageClassName: {{ . }}
  {{- end }}
  resources:
    requests:
      storage: {{ $volume.size }}
{{- end }}
{{- end -}}
