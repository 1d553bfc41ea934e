/** A row of the store as an item, with nothing made up: what the row does not say is not there. */
import { noteText } from '../../../core/audit/note-text.ts'
import type { End, What, Who, Why } from '../../../core/audit/record.ts'
import type { Note } from '../../../core/audit/row.ts'
import type { Item } from '../item.ts'
import type { Row } from '../store/database.ts'

/** What {@link itemOf} reads of a record: every number as one, and the time as milliseconds. */
export const ITEM_COLUMNS = `* REPLACE (sequence::DOUBLE AS sequence, format::DOUBLE AS format, status::DOUBLE AS status,
  bytes_read::DOUBLE AS bytes_read, bytes_written::DOUBLE AS bytes_written, resumed::DOUBLE AS resumed,
  gap_from::DOUBLE AS gap_from, gap_to::DOUBLE AS gap_to), epoch_ms(time)::DOUBLE AS ms`

/** What {@link itemOf} reads of the end of an operation, and what tells whose end it is. */
export const END_COLUMNS = `sidecar, operation_id, sequence::DOUBLE AS sequence, epoch_ms(time)::DOUBLE AS ms, status::DOUBLE AS status,
  bytes_read::DOUBLE AS bytes_read, bytes_written::DOUBLE AS bytes_written, duration_ms, cut, resumed::DOUBLE AS resumed, upload, reason`

/** @param end the row of the end of the operation, if there is one */
export function itemOf(row: Row, end?: Row): Item {
  const kind = text(row, 'kind') as Item['kind']
  return {
    at: Number(row['ms']),
    sidecar: text(row, 'sidecar'),
    sequence: Number(row['sequence']),
    kind,
    who: whoOf(row),
    ...(kind === 'start' || kind === 'end' ? { what: whatOf(row) } : { note: noteText(noteOf(row, kind)) }),
    ...(kind === 'start' ? { why: whyOf(row) } : {}),
    ...(kind === 'end' ? { end: endOf(row) } : end === undefined ? {} : { end: endOf(end) }),
  }
}

const text = (row: Row, name: string): string => String(row[name] ?? '')
const textIf = <N extends string>(row: Row, column: string, name: N) =>
  (typeof row[column] === 'string' ? { [name]: row[column] } : {}) as { readonly [name in N]?: string }
const numberIf = <N extends string>(row: Row, column: string, name: N) =>
  (typeof row[column] === 'number' ? { [name]: row[column] } : {}) as { readonly [name in N]?: number }
const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : [])

function whoOf(row: Row): Who {
  const kind = row['owner_kind']
  return {
    team: text(row, 'team'),
    identity: text(row, 'identity'),
    principal: text(row, 'principal'),
    namespace: text(row, 'namespace'),
    pod: text(row, 'pod'),
    serviceAccount: text(row, 'service_account'),
    node: text(row, 'node'),
    ...(typeof kind === 'string' ? { owner: { kind, name: text(row, 'owner_name') } } : {}),
  }
}

export function whatOf(row: Row): What {
  const parameters = row['parameters']
  const pairs = Array.isArray(parameters) ? parameters.map(({ key, value }) => [String(key), String(value)]) : undefined
  return {
    operationId: text(row, 'operation_id'),
    operation: text(row, 'operation'),
    path: text(row, 'path'),
    ...textIf(row, 'destination', 'destination'),
    ...(pairs === undefined ? {} : { parameters: Object.fromEntries(pairs) as NonNullable<What['parameters']> }),
    ...textIf(row, 'dataset', 'dataset'),
    ...textIf(row, 'client', 'client'),
  }
}

export function whyOf(row: Row): Why {
  const shadow = row['shadow_effect']
  return {
    effect: row['effect'] === 'allow' ? 'allow' : 'deny',
    reason: text(row, 'reason') as Why['reason'],
    grants: texts(row['grants']),
    bundle: text(row, 'bundle'),
    ...(shadow === 'allow' || shadow === 'deny'
      ? {
          shadow: {
            effect: shadow,
            reason: text(row, 'shadow_reason') as Why['reason'],
            grants: texts(row['shadow_grants']),
          },
        }
      : {}),
  }
}

function endOf(row: Row): NonNullable<Item['end']> {
  return {
    at: Number(row['ms']),
    sequence: Number(row['sequence']),
    status: Number(row['status']),
    bytesRead: Number(row['bytes_read']),
    bytesWritten: Number(row['bytes_written']),
    durationMs: Number(row['duration_ms']),
    cut: row['cut'] === true,
    ...numberIf(row, 'resumed', 'resumed'),
    ...(textIf(row, 'upload', 'upload') as Pick<End, 'upload'>),
    ...(textIf(row, 'reason', 'reason') as Pick<End, 'reason'>),
  }
}

/** As much of the record as {@link noteText} reads. */
function noteOf(row: Row, kind: Item['kind']): Note {
  const detail = text(row, 'detail')
  const bodies: { readonly [kind in Note['kind']]: object } = {
    credential: { state: text(row, 'state'), detail },
    policy: { bundle: text(row, 'bundle'), detail },
    admission: {
      admission: {
        operation: text(row, 'admission_operation'),
        stage: text(row, 'admission_stage'),
        effect: text(row, 'effect'),
        reasons: texts(row['admission_reasons']),
        review: text(row, 'admission_review'),
      },
    },
    release: {
      release: {
        path: text(row, 'secret_path'),
        key: text(row, 'secret_key'),
        ...textIf(row, 'secret_version', 'version'),
        outcome: text(row, 'secret_outcome'),
      },
    },
    refusal: { refusal: { asked: text(row, 'refused_asked'), reason: text(row, 'reason'), detail } },
    gap: { gap: { of: text(row, 'gap_of'), from: Number(row['gap_from']), to: Number(row['gap_to']), detail } },
    view: {
      view: {
        reader: text(row, 'view_reader'),
        role: text(row, 'view_role'),
        url: text(row, 'view_url'),
        effect: text(row, 'effect'),
      },
    },
    open: { detail },
    close: { detail },
  }
  return { kind, ...bodies[kind as Note['kind']] } as Note
}
