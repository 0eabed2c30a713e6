{{/* component.image: an image's reference, by digest where there is one. Takes the image's values. */}}
{{- define "component.image" -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag }}{{ end }}
{{- end -}}

{{/* component.podSpec: what every pod of a component has, whatever it runs. Takes the component. */}}
{{- define "component.podSpec" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .runAsUser }}
  runAsGroup: {{ .runAsUser }}
  fsGroup: {{ .runAsUser }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with .image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* component.container: image, rights and room of a component's container. Takes the component. */}}
{{- define "component.container" -}}
image: {{ include "component.image" .image | quote }}
imagePullPolicy: {{ .image.pullPolicy }}
resources:
  {{- toYaml .resources | nindent 2 }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end -}}

{{/* component.writableMounts, component.writableVolumes: scratch space. Both take the component. */}}
{{- define "component.writableMounts" -}}
{{- range $index, $path := .writablePaths }}
- name: writable-{{ $index }}
  mountPath: {{ $path }}
{{- end }}
{{- end -}}

{{- define "component.writableVolumes" -}}
{{- range $index, $path := .writablePaths }}
- name: writable-{{ $index }}
  emptyDir:
    sizeLimit: 256Mi
{{- end }}
{{- end -}}

{{/* component.volumeMounts, component.volumes: the same, and what all pods of the component share. Both take the component. */}}
{{- define "component.volumeMounts" -}}
{{- include "component.writableMounts" . }}
{{- range $name, $volume := .volumes }}
- name: {{ $name }}
  mountPath: {{ $volume.path }}
{{- end }}
{{- end -}}

{{- define "component.volumes" -}}
{{- include "component.writableVolumes" . }}
{{- range $name, $_ := .volumes }}
- name: {{ $name }}
  persistentVolumeClaim:
    claimName: {{ printf "%s-%s" $.name $name }}
{{- end }}
{{- end -}}

{{/* component.secretEnv: variables from the Secret, by key, as keys may have any name. Takes the component. */}}
{{- define "component.secretEnv" -}}
{{- range $optional, $variables := dict "false" .secretEnv "true" .optionalSecretEnv }}
{{- range $variable, $key := $variables }}
- name: {{ $variable }}
  valueFrom:
    secretKeyRef:
      name: {{ include "component.secretName" $ }}
      key: {{ $key }}
      {{- if eq $optional "true" }}
      optional: true
      {{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/*
component.probe: a probe with one way to ask. Takes {component, kind}; kind is liveness, readiness or startup.
Values are merged over a chart's defaults, so that an override by another way leaves two.
*/}}
{{- define "component.probe" -}}
{{- $name := printf "%sProbe" .kind -}}
{{- with get .component $name }}
{{- $ways := keys (pick . "httpGet" "tcpSocket" "exec") | sortAlpha -}}
{{- if ne (len $ways) 1 }}
{{- fail (printf "%s needs one of httpGet, tcpSocket and exec, and has %s: set the others to null"
      $name (join ", " $ways | default "none")) }}
{{- end }}
{{ $name }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/*
component.httpProbes: the three probes of a server that is asked over HTTP. Takes {port, live, ready, start}: paths that
answer while the process works, while it can serve, and once it has started.
*/}}
{{- define "component.httpProbes" -}}
livenessProbe:
  httpGet: {path: {{ .live }}, port: {{ .port }}}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: {path: {{ .ready }}, port: {{ .port }}}
  periodSeconds: 5
  timeoutSeconds: 5
startupProbe:
  httpGet: {path: {{ .start }}, port: {{ .port }}}
  periodSeconds: 2
  timeoutSeconds: 5
  failureThreshold: 60
{{- end -}}
