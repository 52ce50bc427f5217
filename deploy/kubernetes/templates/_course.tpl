{{/* What every container of ours may do: nothing that it was not given. */}}
{{- define "convkit.least" -}}
allowPrivilegeEscalation: false
capabilities: {drop: [ALL]}
{{- end }}

{{/* A pod of ours: user 1000 of the image, whom Kubernetes' API is closed to. */}}
{{- define "convkit.pod" -}}
automountServiceAccountToken: false
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 100
  fsGroup: 100
  # The sandbox around submissions builds namespaces, which some clusters' profile refuses. `gradekit doctor` in a
  # course server says which of its layers there are.
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{/* The image of course servers, with the solutions. */}}
{{- define "convkit.courseImage" -}}
{{ .Values.image.course }}:{{ .Values.image.tag }}
{{- end }}

{{/* What nbgrader has to know to release, collect and grade a course; its argument is the course's id. */}}
{{- define "convkit.courseEnvironment" -}}
- {name: GRADEKIT_COURSE, value: {{ . }}}
- {name: GRADEKIT_EXCHANGE, value: "http://ngshare:8080/services/ngshare"}
- {name: GRADEKIT_SYSTEM_NAME, value: ""}
- {name: JUPYTERHUB_API_URL, value: "http://hub:8081/hub/api"}
- {name: JUPYTERHUB_SERVICE_NAME, value: {{ . }}}
- {name: JUPYTERHUB_USER, value: {{ . }}}
- {name: USER, value: {{ . }}-grader}
- name: JUPYTERHUB_API_TOKEN
  valueFrom: {secretKeyRef: {name: hub, key: hub.services.{{ . }}.apiToken}}
- name: GRADEKIT_GRADEBOOK
  valueFrom: {secretKeyRef: {name: {{ . }}-gradebook, key: url}}
{{- end }}

{{/* For a disk that only one node mounts: run on the node of the pod with these labels. */}}
{{- define "convkit.sameNode" -}}
affinity:
  podAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      - labelSelector: {matchLabels: {{ . }}}
        topologyKey: kubernetes.io/hostname
{{- end }}

{{/* A policy's way out to the hub, the exchange, names and the gradebook. */}}
{{- define "convkit.courseEgress" -}}
{{- $trial := list (dict "podSelector" (dict "matchLabels" (dict "app" "gradebook"))) -}}
- to: [{podSelector: {matchLabels: {app: jupyterhub, component: hub}}}]
  ports: [{protocol: TCP, port: 8081}]
- to: [{podSelector: {matchLabels: {app: ngshare}}}]
  ports: [{protocol: TCP, port: 8080}]
- to: {{ ternary $trial .Values.gradebook.to .Values.gradebook.trial | toJson }}
  ports: [{protocol: TCP, port: {{ .Values.gradebook.port }}}]
- ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]
{{- end }}
