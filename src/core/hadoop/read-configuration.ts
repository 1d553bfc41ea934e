/** Reads Hadoop's own configuration files as Hadoop's `Configuration` does, but for what would reach out of them. */
import { KerbsideError } from '../errors.ts'
import { readXml, type XmlElement, XmlProblem } from './xml.ts'

/** `name` is for messages: `core-site.xml`. */
export type ConfigurationFile = { readonly name: string; readonly text: string }

/** Values with their `${…}` replaced, by the name of the property. */
export type Configuration = ReadonlyMap<string, string>

type Property = { readonly value: string; readonly isFinal: boolean }

const LARGEST_FILE = 4 * 1024 * 1024
const MOST_PROPERTIES = 10_000
/** `Configuration.MAX_SUBST`. */
const MOST_REPLACEMENTS = 20
const LONGEST_VALUE = 64 * 1024

/**
 * Later files win over earlier ones, except where an earlier one says `<final>true</final>`; of two properties in one file
 * the later one wins.
 * @throws KerbsideError `bad-configuration` with file and line, and never with a value
 */
export function readConfiguration(files: readonly ConfigurationFile[]): Configuration {
  const properties = new Map<string, Property>()
  for (const file of files) {
    const inFile = new Map<string, Property>()
    for (const element of propertiesIn(file)) {
      const [name, property] = propertyOf(element, file)
      inFile.set(name, property)
    }
    for (const [name, property] of inFile) if (properties.get(name)?.isFinal !== true) properties.set(name, property)
  }
  if (properties.size > MOST_PROPERTIES) {
    throw new KerbsideError('bad-configuration', `there are more than ${MOST_PROPERTIES} properties`)
  }
  return new Map([...properties].map(([name, { value }]) => [name, expand(name, value, properties)]))
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
      } else fail(file, child.line, `\`${child.name}\` is no element of a configuration`)
    }
    if (element.text.trim() !== '') fail(file, element.line, 'text stands outside of any property')
  }
  collect(root)
  return found
}

/** Fields are elements or attributes; `source` and `tag` say nothing here. */
function propertyOf(element: XmlElement, file: ConfigurationFile): readonly [string, Property] {
  const fields = new Map(element.attributes)
  for (const child of element.children) {
    if (!['name', 'value', 'final', 'source', 'tag', 'description'].includes(child.name)) {
      fail(file, child.line, `\`${child.name}\` is no field of a property`)
    }
    if (child.children.length > 0) fail(file, child.line, `\`${child.name}\` holds an element`)
    if (fields.has(child.name) && child.name !== 'source' && child.name !== 'tag') {
      fail(file, child.line, `the property has two of \`${child.name}\``)
    }
    fields.set(child.name, child.text)
  }
  const name = fields.get('name')?.trim() ?? ''
  if (!/^[\x21-\x7e]{1,512}$/.test(name)) fail(file, element.line, 'the property has no name, or one that cannot be')
  const value = fields.get('value') ?? ''
  if (value.length > LONGEST_VALUE) fail(file, element.line, `the value of \`${name}\` is longer than 64 KiB`)
  return [name, { value, isFinal: fields.get('final')?.trim() === 'true' }]
}

/**
 * `${name}` becomes the value of that property, again and again; what is no property stays as it is written, as in Hadoop.
 * `${env.X}` too: the environment that was meant is not ours.
 */
function expand(name: string, value: string, properties: ReadonlyMap<string, Property>): string {
  let text = value
  const seen = new Set<string>()
  for (let step = 0; ; step += 1) {
    const found = [...text.matchAll(/\$\{([^{}$\s]{1,512})\}/g)].find(([, variable = '']) => properties.has(variable))
    if (found === undefined) return text
    const [whole, variable = ''] = found
    if (step === MOST_REPLACEMENTS || text.length > LONGEST_VALUE) {
      throw new KerbsideError('bad-configuration', `\`${name}\` names other properties without an end`)
    }
    // A variable that leads to itself stays, as in Hadoop.
    if (variable === name || (seen.has(variable) && properties.get(variable)?.value.includes(whole))) return text
    seen.add(variable)
    text = text.slice(0, found.index) + (properties.get(variable)?.value ?? '') + text.slice(found.index + whole.length)
  }
}

function fail({ name }: ConfigurationFile, line: number, what: string, hint?: string): never {
  throw new KerbsideError('bad-configuration', `${name}:${line}: ${what}`, hint === undefined ? {} : { hint })
}
