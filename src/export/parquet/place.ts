/** A folder that Parquet files are put into: on a disk, or in HDFS. Names in it are one or two words, `day=2027-01-31/…parquet`. */
export type Place = {
  /** As a message names it. */
  readonly shown: string
  /** Local folder in which a file is made that is then published; one that stands there when we start is a leftover. */
  readonly workshop: string
  /** Names of folders, or of the files of one with their sizes. None when it is not there. @throws KerbsideError `export-failed` */
  folders(): Promise<readonly string[]>
  files(folder: string): Promise<readonly { readonly name: string; readonly bytes: number }[]>
  /** The file, made in the workshop, is there as a whole under its name, for good; one of that name is replaced. @throws KerbsideError `export-failed` */
  publish(local: string, folder: string, name: string): Promise<void>
  /** A path on this machine at which the file can be read. @throws KerbsideError `export-failed` */
  fetch(folder: string, name: string): Promise<string>
  /** It is not there afterwards; a folder that is empty then goes too. @throws KerbsideError `export-failed` */
  remove(folder: string, name: string): Promise<void>
}
