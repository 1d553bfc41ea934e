/** One record: all its fields, its neighbours in the chain, and what is proved of it. */
import type { Html } from '../html.ts'
import { html } from '../html.ts'
import type { Links } from '../links.ts'
import type { LinkState, Neighbour, OneRecord, Proof } from '../query/record.ts'
import { bytes, duration, foreign, grantText, number, sentenceOf, shortHash } from '../words.ts'
import { inShadow, KIND_NAMES } from './items.ts'
import { shadeOf } from './shade.ts'

/** Of a text in its own page: all of it, as long as the longest path of HDFS, escapes and all. */
const WHOLE = 50_000

export function recordBody(record: OneRecord, links: Links): Html {
  const { item, proof, line, neighbours } = record
  const shade = shadeOf(item)
  return html`${shade === 'deny' && html`<p class="actions"><a class="button" href="${links.denial(item)}">What would allow it</a></p>`}
<div class="pair">
<section aria-labelledby="fields"><h2 id="fields">What it says</h2><dl class="fields">${fields(record, links)}</dl></section>
<section aria-labelledby="proof"><h2 id="proof">What is proved of it</h2>${proofOf(proof)}
<h3>In its chain</h3>${chainOf(neighbours, record, links)}</section>
</div>
${line !== undefined && html`<section aria-labelledby="line"><h2 id="line">The line itself</h2><p class="sub"><code>${foreign(line.file, 200)}:${line.number}</code>, byte for byte as in the file. Its hash is SHA-256 over the line without <code>,"hash":"…"</code>.</p><pre tabindex="0">${foreign(line.text, WHOLE)}</pre></section>`}`
}

type Row = readonly [name: string, value: Html | string | undefined | false]

function fields({ item }: OneRecord, links: Links): Html {
  const { who, what, why, end, at, kind, sidecar, sequence, note } = item
  const time = new Date(at).toISOString()
  const rows: readonly Row[] = [
    ['Time', html`<time datetime="${time}">${time.replace('T', ' ').replace('Z', '')}</time>`],
    ['Kind', KIND_NAMES[kind]],
    ['Operation', what && html`<code>${foreign(what.operation, 64)}</code>`],
    ['Path', what && html`<code>${foreign(what.path, WHOLE)}</code>`],
    ['Destination', what?.destination !== undefined && html`<code>${foreign(what.destination, WHOLE)}</code>`],
    ['Parameters', what?.parameters && html`<code>${foreign(JSON.stringify(what.parameters), 2000)}</code>`],
    [
      'Dataset',
      what?.dataset !== undefined && html`<a href="${links.dataset(what.dataset)}">${foreign(what.dataset, 200)}</a>`,
    ],
    [
      'Decision',
      why &&
        html`<span class="chip ${why.effect}">${why.effect === 'deny' ? 'Denied' : 'Allowed'}</span> ${sentenceOf(why.reason)}`,
    ],
    [
      'Grants',
      why && why.grants.length > 0 && html`${why.grants.map((grant) => html`<div>${grantText(grant)}</div>`)}`,
    ],
    ['In shadow', why?.shadow && inShadow(why.shadow)],
    ['Policy', why && shortHash(why.bundle)],
    [
      'Outcome',
      end &&
        html`HTTP ${end.status} after ${duration(end.durationMs)}, ${bytes(end.bytesRead)} read, ${bytes(end.bytesWritten)} written${end.cut && ', cut short'}${end.reason !== undefined && html`, ${sentenceOf(end.reason)}`}`,
    ],
    ['What happened', note !== undefined && foreign(note, 4000)],
    [
      'Identity',
      who.identity !== '' &&
        html`${foreign(who.identity, 200)} <span class="sub">team ${foreign(who.team, 200)}</span>`,
    ],
    ['Principal', who.principal !== '' && foreign(who.principal, 300)],
    [
      'Job',
      who.owner &&
        html`<a href="${links.job(who.namespace, who.owner)}">${foreign(`${who.owner.kind}/${who.owner.name}`, 300)}</a>`,
    ],
    ['Pod', who.pod !== '' && foreign(`${who.namespace}/${who.pod}`, 400)],
    ['Service account', who.serviceAccount !== '' && foreign(who.serviceAccount, 200)],
    ['Node', who.node !== '' && foreign(who.node, 200)],
    ['Client', what?.client !== undefined && foreign(what.client, 1000)],
    ['Chain', html`<code>${foreign(sidecar, 128)}</code> number ${number(sequence)}`],
  ]
  return html`${rows.map(([name, value]) => value !== undefined && value !== false && html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}`
}

const LINKS = {
  holds: 'holds',
  broken: 'is broken: one of the two was replaced',
  beginning: 'there is none, and there should be none',
  newest: 'there is none yet',
  missing: 'there should be one, and it is not here',
} as const satisfies Record<LinkState, string>

function proofOf({ hash, before, after, signed }: Proof): Html {
  const line = (isGood: boolean, what: Html | string) =>
    html`<li class="${isGood ? 'good' : 'bad'}">${isGood ? '✓' : '✕'} ${what}</li>`
  const hashed = {
    holds: 'Its hash is that of its content',
    broken: 'Its hash is not that of its content: it was changed',
    missing: 'Its line is not here any more',
  }
  return html`<ul class="proof">
${line(hash === 'holds', hashed[hash])}
${line(before !== 'broken' && before !== 'missing', `To the record before: ${LINKS[before]}`)}
${line(after !== 'broken' && after !== 'missing', `From the record after: ${LINKS[after]}`)}
${signed === undefined ? html`<li class="open">No broker has countersigned it yet, or its keys are not known here</li>` : line(signed.holds, html`Countersigned by <b>${foreign(signed.by, 128)}</b> at ${foreign(signed.time, 40)}, as one of numbers ${number(signed.from)} to ${number(signed.to - 1)}${!signed.holds && ': they are not the records that were signed'}`)}
</ul>`
}

function chainOf(neighbours: readonly Neighbour[], { item, line }: OneRecord, links: Links): Html {
  const own = item.sequence
  const around = [...neighbours].toSorted((one, other) => one.sequence - other.sequence)
  const entry = ({ sequence, hash, item: told }: Neighbour) =>
    html`<li><a href="${links.record({ sidecar: item.sidecar, sequence })}">${number(sequence)}</a> ${shortHash(hash)} ${told === undefined ? html`<span class="sub">of another team</span>` : html`<span class="sub">${KIND_NAMES[told.kind]} ${foreign(told.what?.operation ?? '', 40)} ${foreign(told.what?.path ?? told.note ?? '', 60)}</span>`}</li>`
  return html`<ol class="chain">${around.filter(({ sequence }) => sequence < own).map(entry)}
<li aria-current="true"><b>${number(own)}</b> <span class="sub">this one${line === undefined && ', of which the line is not here'}</span></li>
${around.filter(({ sequence }) => sequence > own).map(entry)}</ol>`
}
