/** Every client that is tried, one row each: the tests hold each row true, and the page `sidecar/CLIENTS.md` is made of it. */

export type Client = {
  readonly name: string
  /** As the client itself says it. */
  readonly version: string
  /** What of the webhook's the client is led by. */
  readonly ledBy: string
  readonly addresses: readonly string[]
  /** What the test sees it do, in order. */
  readonly did: readonly string[]
  /** What its user reads when policy refuses. */
  readonly refused: string
}

const HADOOP = '`HADOOP_CONF_DIR`'
const ADDRESS = '`KERBSIDE_WEBHDFS`'
const DATASET_SENTENCE = 'may not list /data/weather: the path is in no dataset that this team was granted (no-dataset)'
const STAT_SENTENCE = 'may not stat /data/weather: the path is in no dataset that this team was granted (no-dataset)'
const READ_SENTENCE = 'the path is in no dataset that this team was granted (no-dataset)'

const SPARK = {
  ledBy: HADOOP,
  addresses: ['hdfs://NAMESERVICE/…', 'paths without a scheme'],
  did: [
    'write of partitioned Parquet',
    'read with partitions pruned',
    'overwrite, append',
    'read of text without a scheme',
    'structured streaming, with FileSystemBasedCheckpointFileManager',
  ],
  refused: `AccessControlException: quant-research ${STAT_SENTENCE}`,
} as const

export const CLIENTS = {
  hadoop: {
    name: '`hdfs dfs`',
    version: '3.4.2',
    ledBy: HADOOP,
    addresses: ['hdfs://NAMESERVICE/…', 'paths without a scheme'],
    did: [
      '-mkdir -p',
      '-put',
      '-appendToFile',
      '-cat',
      '-get',
      '-ls -R',
      '-du',
      '-count',
      '-test -f',
      '-checksum',
      '-getfacl',
      '-mv',
      '-rm to trash',
      '-rm -skipTrash',
    ],
    refused: `ls: quant-research ${STAT_SENTENCE}`,
  },
  distcp: {
    name: '`hadoop distcp`, in its own process',
    version: '3.4.2',
    ledBy: HADOOP,
    addresses: ['hdfs://NAMESERVICE/…'],
    did: ['file:// to hdfs://'],
    refused: 'quant-research may not',
  },
  spark4: { name: 'PySpark (Hadoop 3.5 inside)', version: '4.3.0', ...SPARK },
  spark3: { name: 'PySpark (Hadoop 3.3 inside)', version: '3.5.8', ...SPARK },
  fsspec: {
    name: 'fsspec, pandas 3.1, pyarrow dataset',
    version: '2026.9.0',
    ledBy: '`FSSPEC_WEBHDFS_HOST`, `FSSPEC_WEBHDFS_PORT`',
    addresses: ['webhdfs:///…', '`fsspec.filesystem("webhdfs")`'],
    did: [
      'ls',
      'write in blocks',
      'read a range',
      'mv',
      'find',
      'du',
      'pandas to_parquet, read_parquet',
      'pandas read_csv',
      'pyarrow write_dataset, dataset with a filter',
      'rm',
      'FileNotFoundError',
    ],
    refused: `PermissionError quant-research ${DATASET_SENTENCE}`,
  },
  libhdfs: {
    name: 'pyarrow HadoopFileSystem (libhdfs 3.3, Hadoop 3.4.2)',
    version: '26.0.1',
    ledBy: `${HADOOP}, on the class path`,
    addresses: ['hdfs://NAMESERVICE/…'],
    did: [
      'create_dir',
      'open_output_stream',
      'open_input_file, seek',
      'open_append_stream, get_file_info',
      'move, list',
      'pandas to_parquet, read_parquet',
      'delete_file, delete_dir',
    ],
    refused: "PermissionError [Errno 13] Opening HDFS file '/data/weather/weather.csv' failed",
  },
  hdfscli: {
    name: 'HdfsCLI (`hdfs`)',
    version: '2.7.3',
    ledBy: '`HDFSCLI_CONFIG`',
    addresses: ['`Config().get_client()`'],
    did: [
      'makedirs',
      'write, append',
      'read from an offset',
      'upload, download',
      'list, status, content, checksum',
      'rename, set_permission, set_times',
      'walk, delete',
    ],
    refused: `HdfsError quant-research ${DATASET_SENTENCE}`,
  },
  pyhdfs: {
    name: 'PyHDFS',
    version: '0.4.0',
    ledBy: ADDRESS,
    addresses: ['`hosts=`'],
    did: [
      'mkdirs',
      'create, append, open',
      'listdir, get_file_status, get_content_summary, get_file_checksum',
      'rename, exists',
      'get_home_directory',
      'delete',
    ],
    refused: DATASET_SENTENCE,
  },
  opendal: {
    name: 'OpenDAL',
    version: '0.47.12',
    ledBy: `${ADDRESS}; its default is the same`,
    addresses: ['`endpoint=`'],
    did: ['create_dir', 'write', 'read', 'stat', 'list', 'delete, exists'],
    refused: READ_SENTENCE,
  },
  pywebhdfs: {
    name: 'pywebhdfs',
    version: '0.4.1',
    ledBy: ADDRESS,
    addresses: ['`host=`, `port=`'],
    did: [
      'make_dir, create_file, append_file, read_file',
      'get_file_dir_status, list_dir, get_content_summary',
      'rename_file_dir, delete_file_dir, exists_file_dir',
    ],
    refused: DATASET_SENTENCE,
  },
  smartOpen: {
    name: 'smart_open',
    version: '9.0.2',
    ledBy: ADDRESS,
    addresses: ['webhdfs://127.0.0.1:9870/…'],
    did: ['write, compressed', 'read, line by line'],
    refused: READ_SENTENCE,
  },
  npm: {
    name: 'npm `webhdfs`',
    version: '1.2.0',
    ledBy: ADDRESS,
    addresses: ['`host`, `port`'],
    did: ['mkdir', 'writeFile, appendFile', 'readFile', 'readdir', 'rename', 'unlink'],
    refused: `quant-research ${DATASET_SENTENCE}`,
  },
  curl: {
    name: '`curl -L -T`',
    version: '7.88.1',
    ledBy: ADDRESS,
    addresses: ['`$KERBSIDE_WEBHDFS/webhdfs/v1/…`'],
    did: ['CREATE', 'OPEN', 'APPEND'],
    refused: '(no-grant)',
  },
} satisfies Record<string, Client>

/** Tests that a client brings for itself, put to HDFS without us and through the gateway. */
export type OwnSuite = {
  readonly name: string
  readonly version: string
  /** At least so many pass at HDFS itself. */
  readonly passAtHdfs: number
  /** Of those, the ones that cannot pass here: a part of their names, and why. */
  readonly refusedByDesign: readonly { readonly tests: string; readonly why: string }[]
}

export const OWN_SUITES = {
  hdfscli: {
    name: 'HdfsCLI',
    version: '2.7.3',
    passAtHdfs: 200,
    refusedByDesign: [
      { tests: 'TestSnapshot', why: 'whether a directory may have snapshots is for the cluster to say' },
    ],
  },
  fsspec: { name: "fsspec's tests for every file system", version: '2026.9.0', passAtHdfs: 20, refusedByDesign: [] },
  webhdfs: {
    name: 'npm `webhdfs`',
    version: '1.2.0',
    passAtHdfs: 15,
    refusedByDesign: [{ tests: 'create symbolic link', why: 'a symbolic link would be another name for a path' }],
  },
} as const satisfies Readonly<Record<string, OwnSuite>>
