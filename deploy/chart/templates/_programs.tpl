{{/* What the pods of all programs have in common. Each is called with the root context, or a dict of it and the program's name. */}}

{{- define "kerbside.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "kerbside.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{- define "kerbside.image" -}}
image: {{ .Values.image }}
imagePullPolicy: {{ .Values.imagePullPolicy }}
{{- end }}

{{- define "kerbside.placement" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{ toJson . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{ toJson . }}
{{- end }}
{{- end }}

{{/* Webhook and broker are critical, and seldom on one node. */}}
{{- define "kerbside.spread" -}}
{{- with .root.Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
topologySpreadConstraints:
  - topologyKey: kubernetes.io/hostname
    maxSkew: 1
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: { app: kerbside-{{ .name }} }
{{- end }}

{{/* Both programs read the same policy and the same injection file, and have TLS in the same way. */}}
{{- define "kerbside.serverArgs" -}}
{{- $values := .root.Values -}}
{{- if $values.policies.keysConfigMap }}
- --policies=/etc/kerbside/policies/policy.jws
- --policy-keys=/etc/kerbside/policy-keys/policy-keys.json
- --policy-at-least={{ $values.policies.atLeast | int64 }}
{{- else }}
- --policies=/etc/kerbside/policies
{{- end }}
- --injection=/etc/kerbside/injection/injection.yaml
- --name=kerbside-{{ .name }}.{{ .root.Release.Namespace }}.svc
{{- if eq $values.tls.mode "own" }}
- --tls-secret=kerbside-ca
- --namespace={{ .root.Release.Namespace }}
{{- else }}
- --tls-files=/etc/kerbside/tls
{{- end }}
{{- end }}

{{- define "kerbside.serverMounts" -}}
- { name: policies, mountPath: /etc/kerbside/policies, readOnly: true }
- { name: injection, mountPath: /etc/kerbside/injection, readOnly: true }
{{- if .Values.policies.keysConfigMap }}
- { name: policy-keys, mountPath: /etc/kerbside/policy-keys, readOnly: true }
{{- end }}
{{- if ne .Values.tls.mode "own" }}
- { name: tls, mountPath: /etc/kerbside/tls, readOnly: true }
{{- end }}
{{- end }}

{{- define "kerbside.serverVolumes" -}}
{{- $values := .root.Values -}}
- name: policies
  configMap: { name: {{ $values.policies.configMap }} }
- name: injection
  configMap: { name: {{ $values.injection.configMap }} }
{{- with $values.policies.keysConfigMap }}
- name: policy-keys
  configMap: { name: {{ . }} }
{{- end }}
{{- if ne $values.tls.mode "own" }}
- name: tls
  secret: { secretName: {{ index $values.tls (printf "%sSecret" .name) }} }
{{- end }}
{{- end }}

{{- define "kerbside.serverProbes" -}}
readinessProbe:
  httpGet: { path: /readyz, port: https, scheme: HTTPS }
  periodSeconds: 2
{{ include "kerbside.aliveProbes" "{ path: /healthz, port: https, scheme: HTTPS }" }}
{{- end }}

{{/* On a node without a moment to spare a start takes minutes, and to be restarted for it would take more of them. */}}
{{- define "kerbside.aliveProbes" -}}
startupProbe:
  httpGet: {{ . }}
  periodSeconds: 1
  timeoutSeconds: 5
  failureThreshold: 300
livenessProbe:
  httpGet: {{ . }}
  timeoutSeconds: 10
  failureThreshold: 6
{{- end }}

{{/* The programs read their injection file when they start: another one replaces them. */}}
{{- define "kerbside.restartOn" -}}
{{- if .Values.injection.file }}
annotations: { kerbside.io/injection-sha256: {{ include "kerbside.injectionFile" . | sha256sum }} }
{{- end }}
{{- end }}

{{- define "kerbside.injectionFile" -}}
{{- $broker := printf "https://kerbside-broker.%s.svc:8444" .Release.Namespace -}}
{{- toYaml (merge (deepCopy .Values.injection.file) (dict "broker" $broker)) -}}
{{- end }}

{{/* The audit page reads its login file when it starts, and the exporter its own. */}}
{{- define "kerbside.loginFile" -}}
{{- toYaml (merge (deepCopy .Values.review.login) (dict "clientSecretFile" "/etc/kerbside/login-secret/client-secret")) -}}
{{- end }}

{{- define "kerbside.exportFile" -}}
{{- toYaml (dict "name" "kerbside" "records" "/var/kerbside/audit" "state" "/var/kerbside/export" "sinks" .Values.export.sinks) -}}
{{- end }}

{{/* cert-manager writes the authority of this Certificate into the webhook configurations. */}}
{{- define "kerbside.injectedAuthority" -}}
{{- if eq .Values.tls.mode "cert-manager" }}
annotations: { cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/kerbside-webhook }
{{- end }}
{{- end }}

{{- define "kerbside.mayAskNames" -}}
- ports: [{ port: 53, protocol: UDP }, { port: 53, protocol: TCP }]
{{- end }}

{{- define "kerbside.mayReachApiServer" -}}
{{ include "kerbside.mayAskNames" . }}
- ports: [{{ range $index, $port := .Values.networkPolicies.apiServerPorts }}{{ if $index }}, {{ end }}{ port: {{ int $port }} }{{ end }}]
{{- end }}
