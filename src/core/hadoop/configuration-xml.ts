/** Hadoop's own configuration format: `<configuration>` with one `<property>` for each name. */

const ENTITIES = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
])

const escaped = (text: string) => text.replace(/[&<>"]/g, (character) => ENTITIES.get(character) ?? character)

/** Text of a configuration file. */
export function configurationXml(properties: ReadonlyMap<string, string>, comment: string): string {
  const lines = [...properties].map(
    ([name, value]) => `  <property><name>${escaped(name)}</name><value>${escaped(value)}</value></property>`,
  )
  // `--` would end the comment.
  const opening = `<!-- ${comment.replace(/-{2,}/g, '-')} -->`
  return ['<?xml version="1.0"?>', opening, '<configuration>', ...lines, '</configuration>', ''].join('\n')
}
