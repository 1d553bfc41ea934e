/** A second HDFS, as some banks still have one: Kerberos, but plain HTTP on NameNode and DataNode. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HOSTS, REALM } from '../addresses.ts'
import { formattedNameFolder } from '../build/hadoop.ts'
import { labFiles } from '../folder.ts'
import { java } from '../java.ts'
import type { Inside, LabFolder, Part } from '../part.ts'
import { connects } from '../probe.ts'
import { render } from '../templates/render.ts'

const NAMENODE_HTTP = 9870
const DATANODE_HTTP = 9864

/** It has the users and groups of the other one, and no file. */
export const plainHdfs: Part = {
  name: 'plain-hdfs',
  needs: ['hdfs'],
  isOptional: true,
  async fetch() {},
  async start(inside) {
    const { folder, progress } = inside
    const conf = writeConfig(folder)
    const formatted = await formattedNameFolder(folder, progress)
    cpSync(join(formatted, 'name'), join(folder.path, 'hdfs', 'plain', 'name'), { recursive: true })
    const server = ({ daemon }: Inside, host: keyof typeof HOSTS, main: string, port: number) => {
      const name = host.replace('.lab', '')
      const command = java(folder, { name, main: `org.apache.hadoop.hdfs.server.${main}`, conf })
      return daemon({ name, command, ready: () => connects(HOSTS[host], port) })
    }
    await Promise.all([
      server(inside, 'plain-nn.lab', 'namenode.NameNode', NAMENODE_HTTP),
      server(inside, 'plain-dn.lab', 'datanode.DataNode', DATANODE_HTTP),
    ])
  },
}

function writeConfig(folder: LabFolder): string[] {
  const files = labFiles(folder)
  const own = join(folder.path, 'hadoop', 'plain')
  mkdirSync(own, { recursive: true })
  mkdirSync(join(folder.path, 'hdfs', 'plain'), { recursive: true })
  const values = {
    folder: folder.path,
    realm: REALM,
    keytab: files.keytab('hadoop'),
    nameNode: 'plain-nn.lab',
    dataNode: 'plain-dn.lab',
  }
  writeFileSync(join(own, 'hdfs-site.xml'), render(join('hadoop', 'plain-hdfs-site.xml'), values))
  return [own, files.hadoopConf]
}
