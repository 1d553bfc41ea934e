/** What every part of the lab is: something fetched outside the namespace, started inside it, and ended with it. */

export type PartName =
  | 'dns'
  | 'kdc'
  | 'hdfs'
  | 'data'
  | 'plain-hdfs'
  | 'router'
  | 'kms'
  | 'realms'
  | 'hadoop-tests'
  | 'short-tokens'
  | 'clients'
  | 'openbao'
  | 'moto'
  | 'kafka'
  | 'collector'
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controllers'
  | 'containerd'
  | 'images'
  | 'kubelet'
  | 'helm'
  | 'training-operator'
  | 'cert-manager'
  | 'istio'
  | 'prometheus'
  | 'cluster'

/** One line per step, with its elapsed time: `  hdfs: jars from Maven … 6.1 s`. Steps may run side by side. */
export type Progress = {
  step<T>(name: string, work: () => Promise<T>): Promise<T>
  note(text: string): void
}

/** Where the lab's own files are. Nothing of a lab lies outside its folder but cgroup directories. */
export type LabFolder = {
  /** Name of this lab: two with different names run side by side. */
  readonly name: string
  /** Absolute path of its folder, removed by `down`. */
  readonly path: string
  /** Absolute path of the downloads shared by all labs and clones; outside any checkout. */
  readonly cache: string
  /** The lab's own control group in every hierarchy, made beforehand, for instance `/kerbside-lab-default`. */
  readonly cgroup: string
}

/** A daemon inside the namespace. Its log is one file; its death, unless asked for, ends the lab. */
export type DaemonSpec = {
  /** Unique in the lab, for instance `nn1`; the log is `<folder>/log/<name>.log`. */
  readonly name: string
  readonly command: readonly [string, ...string[]]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Whether it answers; `daemon()` and a later restart resolve when this is first true. */
  readonly ready?: () => Promise<boolean>
}

/** What a part gets when it starts. Code that has one runs inside the namespace. */
export type Inside = {
  readonly folder: LabFolder
  /** All parts that are started in the same breath: some are configured otherwise where another one is there. */
  readonly together: ReadonlySet<PartName>
  readonly progress: Progress
  /** Starts a daemon under watch; the lab can stop it and start it again by name. */
  daemon(spec: DaemonSpec): Promise<void>
  /** Runs a command to its end; rejects with its last lines when its exit code is not 0. */
  run(
    command: readonly [string, ...string[]],
    options?: { input?: string; env?: Readonly<Record<string, string>> },
  ): Promise<string>
  /** Resolves when `ready` first returns true; rejects at once when the named daemon dies, or after `timeoutSeconds`. */
  until(
    what: string,
    ready: () => Promise<boolean>,
    options?: { daemon?: string; timeoutSeconds?: number },
  ): Promise<void>
}

export type Part = {
  readonly name: PartName
  /** Parts that must answer before this one starts. Independent parts start side by side. */
  readonly needs: readonly PartName[]
  /** Whether it is started only when it is named, and not as one of all. */
  readonly isOptional?: true
  /** Outside the namespace, with the package registries in reach: everything pinned, cached and verified. Does nothing when cached. */
  fetch(folder: LabFolder, progress: Progress): Promise<void>
  /** Inside. Resolves when the part answers a request, not when its process exists. */
  start(inside: Inside): Promise<void>
}
