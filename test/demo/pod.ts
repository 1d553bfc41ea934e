/** As much of a pod as a kubelet needs to start its containers. */

export type EnvVar = {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath: string } }
}

export type VolumeMount = { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }

export type Container = {
  readonly name: string
  readonly image: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: readonly EnvVar[]
  readonly volumeMounts?: readonly VolumeMount[]
  readonly workingDir?: string
  readonly restartPolicy?: 'Always'
  readonly startupProbe?: { readonly httpGet?: { readonly path: string; readonly port: number } }
  readonly securityContext?: {
    readonly runAsUser?: number
    readonly runAsGroup?: number
    readonly readOnlyRootFilesystem?: boolean
  }
}

export type Volume = {
  readonly name: string
  readonly csi?: { readonly driver: string }
  readonly emptyDir?: { readonly medium?: string; readonly sizeLimit?: string }
  readonly projected?: {
    readonly sources: readonly {
      readonly serviceAccountToken?: {
        readonly audience?: string
        readonly expirationSeconds?: number
        readonly path: string
      }
    }[]
  }
}

export type Pod = {
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly uid: string
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly spec: {
    readonly serviceAccountName?: string
    readonly securityContext?: { readonly runAsUser?: number; readonly runAsGroup?: number }
    readonly initContainers?: readonly Container[]
    readonly containers: readonly Container[]
    readonly volumes?: readonly Volume[]
  }
}
