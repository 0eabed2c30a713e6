{{/* component.service: one port in front of the component's pods. Takes the component. */}}
{{- define "component.service" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "component.metadata" (dict "component" . "name" (include "component.serviceName" .)) | nindent 2 }}
spec:
  type: {{ .service.type }}
  selector:
    {{- toYaml .selector | nindent 4 }}
  ports:
    - name: {{ .portName | default "http" }}
      port: {{ .service.port }}
      targetPort: {{ .containerPort }}
      protocol: TCP
      {{- if and .service.nodePort (ne .service.type "ClusterIP") }}
      nodePort: {{ .service.nodePort }}
      {{- end }}
{{- end -}}

{{/* component.ingress: hosts and paths that lead to the component's Service. Takes the component. */}}
{{- define "component.ingress" -}}
{{- if .ingress.enabled }}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  {{- include "component.metadata" (dict "component" . "annotations" .ingress.annotations) | nindent 2 }}
spec:
  ingressClassName: {{ .ingress.className }}
  {{- with .ingress.tls }}
  tls:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  rules:
    {{- range .ingress.hosts }}
    - host: {{ .host | quote }}
      http:
        paths:
          {{- range .paths }}
          - path: {{ .path | quote }}
            pathType: {{ .pathType }}
            backend:
              service:
                name: {{ include "component.serviceName" $ }}
                port:
                  number: {{ $.service.port }}
          {{- end }}
    {{- end }}
{{- end }}
{{- end -}}

{{/* component.networkPolicies: a policy for each entry, named by its key, over the pods unless it names others. Takes the component. */}}
{{- define "component.networkPolicies" -}}
{{- range $name, $rules := .networkPolicies }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "component.metadata" (dict "component" $ "name" $name) | nindent 2 }}
spec:
  podSelector:
    {{- $rules.podSelector | default (dict "matchLabels" $.selector) | toYaml | nindent 4 }}
  policyTypes:
    {{- if hasKey $rules "ingress" }}
    - Ingress
    {{- end }}
    {{- if hasKey $rules "egress" }}
    - Egress
    {{- end }}
  {{- omit $rules "podSelector" | toYaml | nindent 2 }}
{{- end }}
{{- end -}}
