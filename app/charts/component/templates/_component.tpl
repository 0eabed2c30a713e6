{{/*
component.data: one component as data, the only argument of every other template. It is the component's values
(see component.schema.json) and with them its name, namespace, selector and labels.
Takes {root, name, values}: the chart's root context, what the component is called, and its values.
*/}}
{{- define "component.data" -}}
{{- $release := .root.Release.Name -}}
{{- $default := contains .name $release | ternary $release (printf "%s-%s" $release .name) -}}
{{- $name := .values.fullnameOverride | default $default | trunc 55 | trimSuffix "-" -}}
{{- $selector := dict "app" $name "app.kubernetes.io/instance" $release -}}
{{- $labels := dict
      "app.kubernetes.io/name" .name
      "app.kubernetes.io/version" .root.Chart.AppVersion
      "app.kubernetes.io/managed-by" .root.Release.Service
      "helm.sh/chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_") -}}
{{- $identity := dict
      "name" $name
      "namespace" (.values.namespace | default .root.Release.Namespace)
      "selector" $selector
      "podLabels" (merge (dict "app.kubernetes.io/name" .name) $selector)
      "labels" (merge $labels $selector) -}}
{{- merge $identity (omit .values "component" "global") | toYaml -}}
{{- end -}}

{{/* component.metadata: of any object. Takes {component, name, annotations}; the last two may be absent. */}}
{{- define "component.metadata" -}}
name: {{ .name | default .component.name }}
namespace: {{ .component.namespace }}
labels:
  {{- toYaml .component.labels | nindent 2 }}
{{- with .annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Names of the objects that others refer to. Each takes the component. */}}
{{- define "component.serviceName" -}}
{{ .service.name | default .name }}
{{- end -}}

{{- define "component.configName" -}}
{{ .configName | default (printf "%s-config" .name) }}
{{- end -}}

{{- define "component.secretName" -}}
{{ required "secretName is needed where secretEnv, optionalSecretEnv or secrets is set" .secretName }}
{{- end -}}

{{- define "component.serviceAccountName" -}}
{{ .serviceAccountName | default .name }}
{{- end -}}

{{/* component.minReplicas: how many pods there are at the least, however they are counted. Takes the component. */}}
{{- define "component.minReplicas" -}}
{{ .autoscaling.enabled | ternary .autoscaling.minReplicas .replicaCount | int }}
{{- end -}}

{{/* component.podsAtMost: how many pods there are at the most, with the one that a rollout adds. Takes the component. */}}
{{- define "component.podsAtMost" -}}
{{ .autoscaling.enabled | ternary .autoscaling.maxReplicas .replicaCount | add1 }}
{{- end -}}

{{/* component.objects: every object of a component, where a chart has several components. Takes the component. */}}
{{- define "component.objects" -}}
{{- range $object := list
      "serviceAccount" "secret" "configMap" "volumeClaims" "migration" "deployment" "service" "ingress" "autoscaler"
      "disruptionBudget" "networkPolicies" }}
---
{{ include (printf "component.%s" $object) $ }}
{{- end }}
{{- end -}}
