{{/* component.autoscaler: the number of pods by their load. Takes the component. */}}
{{- define "component.autoscaler" -}}
{{- with .autoscaling }}
{{- if .enabled }}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "component.metadata" (dict "component" $ "name" .name) | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ $.name }}
  minReplicas: {{ .minReplicas }}
  maxReplicas: {{ .maxReplicas }}
  metrics:
    {{- $targets := dict "cpu" .targetCPUUtilizationPercentage "memory" .targetMemoryUtilizationPercentage }}
    {{- range $resource, $target := $targets }}
    {{- if $target }}
    - type: Resource
      resource:
        name: {{ $resource }}
        target:
          type: Utilization
          averageUtilization: {{ $target }}
    {{- end }}
    {{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* component.disruptionBudget: evictions go pod by pod; a single pod has none. Takes the component. */}}
{{- define "component.disruptionBudget" -}}
{{- if gt (include "component.minReplicas" . | int) 1 }}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "component.metadata" (dict "component" .) | nindent 2 }}
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- toYaml .selector | nindent 6 }}
{{- end }}
{{- end -}}
