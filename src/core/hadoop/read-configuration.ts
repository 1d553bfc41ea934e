/** Reads Hadoop's own configuration files as Hadoop's `Configuration` does, but for what would reach out of them. */
import { KerbsideError } from '../errors.ts'
import { readXml, type XmlElement, XmlProblem } from './xml.ts'

/** `name` is for messages: `core-site.xml`. */
export type ConfigurationFile = { readonly name: string; readonly text: string }

/** Values as they are written, by the name of the property; `expanded` replaces what stands in them as `${…}`. */
export type Configuration = ReadonlyMap<string, string>

type Property = { readonly name: string; readonly value: string | undefined; readonly isFinal: boolean }

const LARGEST_FILE = 4 * 1024 * 1024
const MOST_PROPERTIES = 10_000
const LONGEST_VALUE = 64 * 1024

/**
 * Later properties win over earlier ones, in the same file and in others, except where an earlier one says
 * `<final>true</final>`. One without a value leaves the earlier one, and may be final as well.
 * @throws KerbsideError `bad-configuration` with file and line, and never with a value
 */
export function readConfiguration(files: readonly ConfigurationFile[]): Configuration {
  const values = new Map<string, string>()
  const finals = new Set<string>()
  for (const file of files) {
    for (const element of propertiesIn(file)) {
      const { name, value, isFinal } = propertyOf(element, file)
      if (value !== undefined && !finals.has(name)) values.set(name, value)
      if (isFinal) finals.add(name)
    }
    if (values.size > MOST_PROPERTIES) fail(file, 1, `with it there are more than ${MOST_PROPERTIES} properties`)
  }
  return values
}

/** `<configuration>` may stand in `<configuration>`. */
function propertiesIn(file: ConfigurationFile): readonly XmlElement[] {
  if (file.text.length > LARGEST_FILE) fail(file, 1, 'it is larger than 4 MiB')
  let root: XmlElement
  try {
    root = readXml(file.text)
  } catch (thrown) {
    if (thrown instanceof XmlProblem) fail(file, thrown.line, thrown.message)
    throw thrown
  }
  if (root.name !== 'configuration') fail(file, root.line, 'its root element is not `configuration`')
  const found: XmlElement[] = []
  const collect = (element: XmlElement): void => {
    for (const child of element.children) {
      if (child.name === 'property') found.push(child)
      else if (child.name === 'configuration') collect(child)
      else if (/(^|:)(include|fallback)$/.test(child.name)) {
        fail(file, child.line, 'it includes another file', 'put the properties of that file into this one')
      } else fail(file, child.line, 'an element is neither a property nor a configuration')
    }
    if (element.text.trim() !== '') fail(file, element.line, 'text stands outside of any property')
  }
  collect(root)
  return found
}

const FIELDS = ['name', 'value', 'final', 'source', 'tag', 'description']

/** Fields are elements or attributes; `source` and `tag` say nothing here. */
function propertyOf(element: XmlElement, file: ConfigurationFile): Property {
  const fields = new Map(element.attributes)
  // Of elements Hadoop trims a name, and passes over what is empty; of attributes it does neither.
  for (const child of element.children) {
    if (!FIELDS.includes(child.name)) fail(file, child.line, 'an element is no field of a property')
    if (child.children.length > 0) fail(file, child.line, `\`${child.name}\` holds an element`)
    if (fields.has(child.name) && child.name !== 'source' && child.name !== 'tag') {
      fail(file, child.line, `the property has two of \`${child.name}\``)
    }
    if (child.text !== '') fields.set(child.name, child.name === 'name' ? child.text.trim() : child.text)
  }
  const name = fields.get('name') ?? ''
  if (!/^[\x21-\x7e]{1,512}$/.test(name)) fail(file, element.line, 'the property has no name, or one that cannot be')
  const value = fields.get('value')
  if (value !== undefined && value.length > LONGEST_VALUE) fail(file, element.line, 'a value is longer than 64 KiB')
  // Exactly so: `TRUE` and ` true ` are not final to Hadoop.
  return { name, value, isFinal: fields.get('final') === 'true' }
}

function fail({ name }: ConfigurationFile, line: number, what: string, hint?: string): never {
  throw new KerbsideError('bad-configuration', `${name}:${line}: ${what}`, hint === undefined ? {} : { hint })
}
