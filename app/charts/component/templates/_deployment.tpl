{{/*
component.deployment: replaces its pods without a gap. A new pod must be ready before an old one goes, an old one keeps
serving while the routes to it are taken away, and is given time for the requests that it has. Takes the component.
*/}}
{{- define "component.deployment" -}}
{{- $migration := ternary (dict "migration/revision" .migration.revision) (dict) (not (empty .migration.revision)) -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "component.metadata" (dict "component" . "annotations" $migration) | nindent 2 }}
spec:
  {{- if not .autoscaling.enabled }}
  replicas: {{ .replicaCount }}
  {{- end }}
  revisionHistoryLimit: 3
  minReadySeconds: {{ .minReadySeconds }}
  progressDeadlineSeconds: 300
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: 0
      maxSurge: 1
  selector:
    matchLabels:
      {{- toYaml .selector | nindent 6 }}
  template:
    metadata:
      labels:
        {{- toYaml .podLabels | nindent 8 }}
      {{- with include "component.checksums" . | trim }}
      annotations:
        {{- . | nindent 8 }}
      {{- end }}
    spec:
      serviceAccountName: {{ include "component.serviceAccountName" . }}
      terminationGracePeriodSeconds: {{ add .shutdown.delaySeconds .shutdown.gracefulSeconds 5 }}
      {{- include "component.podSpec" . | nindent 6 }}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              {{- toYaml .selector | nindent 14 }}
          matchLabelKeys: [pod-template-hash]
      containers:
        - name: {{ .name }}
          {{- include "component.container" . | nindent 10 }}
          {{- with .command }}
          command:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          ports:
            - name: http
              containerPort: {{ .containerPort }}
          {{- with include "component.secretEnv" . | trim }}
          env:
            {{- . | nindent 12 }}
          {{- end }}
          {{- if .config }}
          envFrom:
            - configMapRef:
                name: {{ include "component.configName" . }}
          {{- end }}
          {{- range $kind := list "startup" "readiness" "liveness" }}
          {{- with include "component.probe" (dict "component" $ "kind" $kind) | trim }}
          {{- . | nindent 10 }}
          {{- end }}
          {{- end }}
          {{- if .shutdown.delaySeconds }}
          lifecycle:
            preStop:
              sleep:
                seconds: {{ .shutdown.delaySeconds }}
          {{- end }}
          {{- with include "component.volumeMounts" . | trim }}
          volumeMounts:
            {{- . | nindent 12 }}
          {{- end }}
      {{- with include "component.volumes" . | trim }}
      volumes:
        {{- . | nindent 8 }}
      {{- end }}
{{- end -}}

{{/* component.checksums: annotations that change with what the pods read only at their start. Takes the component. */}}
{{- define "component.checksums" -}}
{{- with .config }}
checksum/config: {{ toYaml . | sha256sum | quote }}
{{- end }}
{{- if .secrets }}
checksum/secret: {{ toYaml .secrets | sha256sum | quote }}
{{- else if .secretChecksum }}
checksum/secret: {{ .secretChecksum | quote }}
{{- end }}
{{- end -}}
