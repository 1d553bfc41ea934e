/** The page `sidecar/CLIENTS.md`, made of the table of clients. */
import { CLIENTS, type Client, OWN_SUITES, type OwnSuite } from './clients-table.ts'

const HEAD = `# Clients

Clients of HDFS as they are, and what each was seen to do through the gateway, in front of HDFS with Kerberos, high availability
and encryption. Each row is a test in \`test/e2e/clients\`, which runs the real client as a user that is not root, with nothing but
the environment that the webhook injects and the files that the sidecar writes. This page is made of the same table; after a
change there, \`UPDATE_DOCS=1\` with \`test/sidecar/clients-page.test.ts\` writes it anew.

`

const TAIL = `
What the webhook sets, and what its user sets anyway:

- \`HADOOP_CONF_DIR\` leads every Hadoop client that reads it. \`hdfs://NAMESERVICE/…\` keeps its name: a mount table sends it to
  the gateway. An image that puts another folder before it on its class path, or has a core-site.xml inside a jar, reads that one.
- \`FSSPEC_WEBHDFS_HOST\` and \`FSSPEC_WEBHDFS_PORT\` hold for addresses without a host, \`webhdfs:///data/…\`. A host that is
  written in the address counts more, so \`webhdfs://namenode.example:9870/…\` must lose it.
- \`HDFSCLI_CONFIG\` names a client for \`hdfscli\` and for \`Config().get_client()\`.
- \`KERBSIDE_WEBHDFS\`, \`http://127.0.0.1:9870\`, is for clients that have no configuration: their address is given in code.
- pyarrow's HadoopFileSystem needs what it always needs: libhdfs.so, a JVM, and Hadoop's class path, \`hadoop classpath --glob\`.
  The sentence of a refusal is in what its JVM prints; the exception has a number only.

What works only partly:

- **Spark structured streaming** chooses a checkpoint manager that goes around \`fs.hdfs.impl\`, and ends with
  CANNOT_LOAD_CHECKPOINT_FILE_MANAGER or UnknownHostException for a checkpoint on \`hdfs://\`. It works with
  \`spark.sql.streaming.checkpointFileManagerClass\` set to \`org.apache.spark.sql.execution.streaming.FileSystemBasedCheckpointFileManager\`,
  or, from Spark 4.1 on, to \`org.apache.spark.sql.execution.streaming.checkpointing.FileSystemBasedCheckpointFileManager\`.
- **PySpark 4.2 and newer** bring Hadoop 3.5's client, which fails against a NameNode for want of a class, met when an answer names
  its content type. The gateway's answers do not name it, so that it works here.
- Hadoop's client asks for three copies of each file by itself, since the cluster's hdfs-site.xml is not in the pod; where fewer
  DataNodes live, HDFS refuses to append. \`-Ddfs.replication=2\` or \`hdfs://NAMESERVICE/…?replication=2\` (libhdfs) says otherwise.
- \`hdfs dfs -df /\` asks no server at all, and fails in the client.
- fsspec's mode \`ab\` fails in fsspec itself, and OpenDAL's streaming writer stops at 256 KiB for want of an atomic rename.

Not yet served: clients that speak Hadoop's own protocol instead of WebHDFS. These are **hdfs-native** (Python and Rust),
**colinmarc/hdfs** (Go) and **snakebite-py3**.
`

export function clientsPage(): string {
  const head = ['client', 'version', 'led there by', 'addresses', 'was seen to', 'its user reads when policy refuses']
  const rows = Object.values<Client>(CLIENTS).map((client) => [
    client.name,
    client.version,
    client.ledBy,
    client.addresses.map(code).join(', '),
    client.did.map(code).join('; '),
    code(client.refused),
  ])
  return [HEAD.trimEnd(), '', ...table(head, rows), '', OWN_TESTS, '', ...ownSuites(), TAIL].join('\n')
}

const OWN_TESTS = `Tests that clients bring for themselves were put to HDFS without us and through the gateway, as HDFS's superuser and under a
policy that takes nothing from it. What passes there passes here, but for what is refused by design. So do
[Hadoop's own contract tests](../test/e2e/gateway/contract.test.ts), by Hadoop's client.`

function ownSuites(): readonly string[] {
  const rows = Object.values<OwnSuite>(OWN_SUITES).map(({ name, version, passAtHdfs, refusedByDesign }) => {
    const refused = refusedByDesign.map(({ tests, why }) => `${tests}: ${why}`).join('; ')
    return [name, version, `${passAtHdfs} and more`, refused === '' ? 'none' : refused]
  })
  return table(['tests of', 'version', 'pass at HDFS', 'of those, refused by design'], rows)
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)]
}

/** Words of code that are marked so already stay as they are. */
const code = (text: string) => (/[`]/.test(text) || !/[:/_-]/.test(text) ? text : `\`${text}\``)
