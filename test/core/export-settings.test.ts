/** The file of `kerbside export`: read strictly, every problem named at once, and no credential in it. */
import { expect, test } from 'vitest'
import { readExportSettings } from '../../src/core/export-settings.ts'

const RIGHT = {
  name: 'broker-0',
  records: '/var/kerbside/audit',
  state: '/var/kerbside/export',
  sinks: [
    { name: 'lake', to: 'parquet', directory: '/lake', retentionDays: 400 },
    { name: 'hdfs', to: 'hdfs', url: 'http://127.0.0.1:9870', directory: '/audit' },
    {
      name: 'bus',
      to: 'kafka',
      brokers: ['kafka-0.example:9093'],
      topic: 'kerbside-audit',
      tls: { caFile: '/etc/kafka/ca.crt' },
      sasl: { mechanism: 'SCRAM-SHA-512', username: 'exporter', passwordFile: '/etc/kafka/password' },
    },
    {
      name: 'siem',
      to: 'otlp',
      url: 'https://collector:4318/v1/logs',
      caFile: '/etc/ca.crt',
      headerFiles: { Authorization: '/etc/token' },
    },
    { name: 'out', to: 'stdout' },
  ],
}

/** The settings with one sink in the place of all. */
const withSink = (sink: object) => () => readExportSettings({ ...RIGHT, sinks: [sink] }, 'export.yaml')
const [lake, hdfs, kafka, otlp] = RIGHT.sinks as [object, object, object, object]

test('what is right is taken, with what is not said filled in', () => {
  const read = readExportSettings(RIGHT, 'export.yaml')
  expect(read.sinks.map(({ to }) => to)).toEqual(['parquet', 'hdfs', 'kafka', 'otlp', 'stdout'])
  expect(read.sinks[0]).toMatchObject({ everySeconds: 300, retentionDays: 400 })
})

test('every problem is named, with where it is', () => {
  const wrong = { ...RIGHT, name: 'Broker', records: 'audit', extra: 1, sinks: [{ ...lake, retention: 1 }, lake, lake] }
  expect(() => readExportSettings(wrong, 'export.yaml')).toThrow(
    expect.objectContaining({
      code: 'bad-settings',
      message: expect.stringMatching(/`name` .*`records` .*`sinks\.0\.retention`.*`extra`/s),
    }),
  )
})

test.each([
  [
    'two sinks of one name',
    () => readExportSettings({ ...RIGHT, sinks: [lake, lake] }, 'f'),
    /`sinks\.1\.name` is `lake`/,
  ],
  ['a sink that is none', withSink({ name: 'x', to: 'syslog' }), /not one of parquet, hdfs, kafka, otlp, stdout/],
  [
    'HDFS anywhere but through the gateway of this pod',
    withSink({ ...hdfs, url: 'http://nn1.example:9870' }),
    /the gateway of this pod/,
  ],
  [
    'HDFS at a host that only looks like here',
    withSink({ ...hdfs, url: 'http://127.0.0.1.example:9870' }),
    /the gateway of this pod/,
  ],
  ['a password in the clear', withSink({ ...kafka, tls: undefined }), /in the clear/],
  [
    'a password in the file',
    withSink({ ...kafka, sasl: { mechanism: 'PLAIN', username: 'a', password: 'b' } }),
    /`sinks\.0\.sasl\.password` is not a setting/,
  ],
  ['a certificate without its key', withSink({ ...kafka, tls: { caFile: '/a', certFile: '/b' } }), /needs both/],
  ['records in the clear to another host', withSink({ ...otlp, url: 'http://collector:4318/v1/logs' }), /https URL/],
  ['a password in a URL', withSink({ ...otlp, url: 'https://me:secret@collector/v1/logs' }), /https URL/],
  ['a collector that nobody vouches for', withSink({ ...otlp, caFile: undefined }), /needs `caFile`/],
])('%s is refused', (_, read, says) => {
  expect(read).toThrow(says)
  expect(read).not.toThrow(/secret/)
})
