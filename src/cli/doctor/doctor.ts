/** `kerbside doctor`: looks at all that a sidecar rests on, and says what is wrong, where, and what to do. */
import { Argument, Option } from 'commander'
import type { CheckName } from '../../core/doctor/checks.ts'
import { type Finding, isIll } from '../../core/doctor/finding.ts'
import { toJson } from '../../core/doctor/report.ts'
import { screen } from '../../core/doctor/screen.ts'
import { toKerbsideError } from '../../core/errors.ts'
import { type CliCommand, EXIT, type Given } from '../command.ts'
import { progressOn } from '../progress.ts'
import { isSidecar, type Place, placeOf } from './place.ts'
import { clockProbe } from './probe-clock.ts'
import { kdcsProbe } from './probe-kdcs.ts'
import { dataNodeProbe, nameNodesProbe } from './probe-name-nodes.ts'
import { namesProbe } from './probe-names.ts'
import { policyProbe } from './probe-policy.ts'
import { authorityProbe, hadoopProbe, keytabProbe } from './probe-secrets.ts'
import { settingsProbe } from './probe-settings.ts'
import { storeProbe } from './probe-store.ts'
import { ticketProbe } from './probe-ticket.ts'
import { tlsProbe } from './probe-tls.ts'
import { tokenProbe } from './probe-token.ts'
import { type Probes, runChecks } from './run-checks.ts'
import { Workroom } from './workroom.ts'

const AFTER = `
In the container of a sidecar it goes by the settings of the sidecar, whose tickets it does not touch; the guards of the
cluster let it in there without an option, or with --output json. Anywhere else --policies and --identity say whom it is
about; what else is given is looked at.

A keytab is shown to one KDC, once. One that the sidecar knows as refused is not shown at all, because accounts get locked.
What needs something that failed is not tried. It ends within a minute, whatever hangs. No secret is ever printed.

doctor cluster is for who runs the cluster: it compares an installation with the manifests of this version, and asks for a pod
that must be refused, in a dry run. It changes nothing, and says for each finding what to do.

Exit codes: 0 nothing is wrong, 1 something is, 2 a command line that is not understood, 3 it could not look.

Examples:
  kubectl exec POD -c kerbside -- kerbside doctor
  kerbside doctor --policies policies --identity quant-research
  kerbside doctor --policies policies --identity quant-research --keytab quant.keytab --ca ca.pem
  kerbside doctor --policies policies --cluster lab --principal new@LAB --keytab new.keytab --output json
  kerbside doctor cluster --trust policy-keys.json`

const LOOK_MS = 500

export const doctor: CliCommand = {
  define: (command) =>
    command
      .addArgument(
        new Argument('[what]', 'an installation as a whole, instead of what one sidecar rests on').choices(['cluster']),
      )
      .option('--policies <policy>', 'policy folder, bundle or git revision that says principal and cluster')
      .option('--trust <keys>', 'public keys; a bundle must be signed by one of them')
      .option('--identity <name>', 'identity of the policy')
      .option('--principal <name>', 'principal instead of that of the identity')
      .option('--cluster <name>', 'cluster instead of that of the identity')
      .option('--keytab <file>', 'keytab to look into and to log in with, once')
      .option('--ca <file>', 'CAs of the cluster, in PEM: its `ca.pem`')
      .option('--token-file <file>', 'service-account token to look into')
      .option('--hadoop-conf <folder>', 'folder with `core-site.xml` and `hdfs-site.xml`')
      .option('--krb5-conf <file>', 'krb5.conf of a machine, to be compared with the policy')
      .option('--path <path>', 'HDFS file to be found on a DataNode')
      .option('--kubeconfig <file>', 'with `cluster`: how to reach the API server; as kubectl finds it if absent')
      .option('--namespace <name>', 'with `cluster`: where our programs run', 'kerbside')
      .option('--probe-namespace <name>', 'with `cluster`: where a pod is asked for in a dry run', 'default')
      .addOption(new Option('--output <format>', 'how it is written').choices(['table', 'json']).default('table'))
      .addHelpText('after', AFTER),
  async run(given) {
    const { terminal, options, args } = given
    const start = performance.now()
    const findings = args[0] === 'cluster' ? await lookAtInstallation(given) : await lookAtAll(given)
    const report = { findings, elapsedMs: performance.now() - start }
    if (options.get('output') === 'json') terminal.out(JSON.stringify(toJson(report), undefined, 2))
    else for (const line of screen(report, (colour, text) => terminal.paint(colour, text))) terminal.out(line)
    return isIll(findings) ? EXIT.no : EXIT.yes
  },
}

async function lookAtInstallation(given: Given): Promise<readonly Finding[]> {
  // A YAML parser and all that is compared: nothing of it for who looks at one sidecar.
  const { lookAtCluster } = await import('./cluster/cluster.ts')
  const stop = new AbortController()
  void given.stopped().then(() => stop.abort())
  return lookAtCluster(given, stop.signal)
}

async function lookAtAll({ terminal, options, environment, stopped }: Given): Promise<readonly Finding[]> {
  const workroom = new Workroom()
  const stop = new AbortController()
  // A folder with a ticket in it must not stay behind.
  void stopped().then(() => stop.abort())
  const say = progressOn(terminal)
  let waiting: readonly CheckName[] = []
  const timer = setInterval(() => say(() => `waiting for ${waiting.join(', ')}`), LOOK_MS)
  try {
    const onWaiting = (names: readonly CheckName[]) => {
      waiting = names
    }
    return await runChecks(probes(reader(options, environment), workroom), { signal: stop.signal, onWaiting })
  } finally {
    clearInterval(timer)
    await workroom.clear()
  }
}

function probes(read: () => Place, workroom: Workroom): Probes {
  const clock = Date.now
  return {
    settings: settingsProbe(read, workroom),
    token: tokenProbe(clock),
    policy: policyProbe,
    store: storeProbe,
    keytab: keytabProbe,
    authority: authorityProbe(clock),
    hadoop: hadoopProbe,
    names: namesProbe,
    kdc: kdcsProbe(clock),
    clock: clockProbe,
    ticket: ticketProbe(workroom),
    tls: tlsProbe(clock),
    namenode: nameNodesProbe,
    datanode: dataNodeProbe(clock),
  }
}

/** A command line that is not understood is told at once; settings that are not whole are what doctor is asked about. */
function reader(options: Given['options'], environment: Given['environment']): () => Place {
  try {
    const place = placeOf(options, environment)
    return () => place
  } catch (thrown) {
    const error = toKerbsideError(thrown)
    if (error.code === 'bad-usage' || !isSidecar(environment)) throw error
    return () => {
      throw error
    }
  }
}
