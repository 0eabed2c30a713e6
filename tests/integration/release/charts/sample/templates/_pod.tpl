{{- define "sample.labels" -}}
app.kubernetes.io/name: sample
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- define "sample.security" -}}
runAsNonRoot: {{ .Values.runAsNonRoot }}
{{- if .Values.runAsNonRoot }}
runAsUser: 1001
{{- end }}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
seccompProfile: {type: RuntimeDefault}
{{- end }}
{{- define "sample.template" -}}
metadata:
  labels: {{- include "sample.labels" . | nindent 4 }}
  annotations:
    checksum/config: {{ .Values.greeting | sha256sum }}
spec:
  serviceAccountName: {{ .Release.Name }}
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: 1
  {{- with .Values.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: web
      image: {{ .Values.image }}
      imagePullPolicy: {{ .Values.pullPolicy }}
      command: [python3, -c, {{ .Values.program | quote }}]
      env:
        - name: GREETING
          valueFrom:
            configMapKeyRef:
              name: {{ .Release.Name }}
              key: greeting
        {{- range $name, $value := .Values.env }}
        - name: {{ $name }}
          value: {{ $value | quote }}
        {{- end }}
        {{- range $name, $source := .Values.secretEnv }}
        - name: {{ $name }}
          valueFrom:
            secretKeyRef: {{- toYaml $source | nindent 14 }}
        {{- end }}
      ports: [{name: http, containerPort: 8080}]
      readinessProbe:
        httpGet:
          path: {{ .Values.readinessPath }}
          port: http
        periodSeconds: 1
      resources:
        requests: {cpu: 10m, memory: 16Mi}
        limits:
          memory: {{ .Values.memoryLimit }}
      securityContext: {{- include "sample.security" . | nindent 8 }}
{{- end }}
