{{/*
component.migration: brings the database's schema forward before any new pod starts, once for all of them. When it
fails, the release fails and the old pods keep serving. It is left out where the running Deployment has the same
revision. Hooks run before the release's own objects exist, so the Job takes its settings directly and secrets from a
copy. Takes the component.
*/}}
{{- define "component.migration" -}}
{{- if .migration.enabled }}
{{- $live := lookup "apps/v1" "Deployment" .namespace .name | default dict }}
{{- $done := dig "metadata" "annotations" "migration/revision" "" $live }}
{{- if not (and .migration.revision (eq $done .migration.revision)) }}
{{- $job := printf "%s-migrate" .name }}
{{- $secret := ternary $job .secretName (not (empty .secrets)) }}
{{- $labels := merge (dict "app" $job "app.kubernetes.io/name" $job) .selector }}
{{- $hook := dict
      "helm.sh/hook" "pre-install,pre-upgrade"
      "helm.sh/hook-delete-policy" "before-hook-creation,hook-succeeded" }}
{{- if .migration.goesBack }}
{{- $_ := set $hook "todo.platform/goes-back" "true" }}
{{- end }}
{{- if .secrets }}
apiVersion: v1
kind: Secret
metadata:
  {{- include "component.metadata" (dict "component" . "name" $job
        "annotations" (merge (dict "helm.sh/hook-weight" "-1") $hook)) | nindent 2 }}
type: Opaque
stringData:
  {{- toYaml .secrets | nindent 2 }}
---
{{- end }}
apiVersion: batch/v1
kind: Job
metadata:
  {{- include "component.metadata" (dict "component" . "name" $job "annotations" $hook) | nindent 2 }}
spec:
  backoffLimit: {{ .migration.backoffLimit }}
  activeDeadlineSeconds: {{ .migration.deadlineSeconds }}
  template:
    metadata:
      labels:
        {{- toYaml $labels | nindent 8 }}
    spec:
      restartPolicy: Never
      {{- include "component.podSpec" . | nindent 6 }}
      containers:
        - name: migrate
          {{- include "component.container" . | nindent 10 }}
          command:
            {{- toYaml .migration.command | nindent 12 }}
          {{- with include "component.migrationEnv" (merge (dict "secretName" $secret) .) | trim }}
          env:
            {{- . | nindent 12 }}
          {{- end }}
          {{- with include "component.writableMounts" . | trim }}
          volumeMounts:
            {{- . | nindent 12 }}
          {{- end }}
      {{- with include "component.writableVolumes" . | trim }}
      volumes:
        {{- . | nindent 8 }}
      {{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* component.migrationEnv: the same variables as the component's pods have. Takes the component. */}}
{{- define "component.migrationEnv" -}}
{{- range $variable, $value := .config }}
- name: {{ $variable }}
  value: {{ $value | quote }}
{{- end }}
{{- include "component.secretEnv" . }}
{{- end -}}
