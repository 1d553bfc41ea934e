/**
 * A quick yes, made from the same schema: whether a value is right as it stands, so that it need not be copied field by
 * field. It knows the few forms that documents are made of, and says no to all else, right or wrong: the schema itself
 * has the last word on that, and the sentence.
 */
import type { z } from 'zod'

export type QuickCheck = (value: unknown) => boolean

/** Yes only where the schema would give back the same value. */
export function quickCheck(schema: z.core.$ZodType): QuickCheck {
  const { def } = (schema as z.core.$ZodTypes)._zod
  const isForm = formOf(def)
  const checks = (def.checks ?? []).map(checkOf)
  if (checks.length === 0) return isForm
  return (value) => isForm(value) && checks.every((check) => check(value))
}

/** What a schema is before its checks. */
function formOf(def: z.core.$ZodTypes['_zod']['def']): QuickCheck {
  switch (def.type) {
    case 'string':
      return def.coerce === true ? NEVER : (value) => typeof value === 'string'
    case 'boolean':
      return def.coerce === true ? NEVER : (value) => typeof value === 'boolean'
    case 'number':
      return 'format' in def && def.format === 'safeint' && def.coerce !== true ? Number.isSafeInteger : NEVER
    case 'literal':
      return isOneOf(def.values)
    case 'enum':
      return isOneOf(Object.values(def.entries).filter((value) => typeof value === 'string'))
    case 'optional':
      // A field that is not there is none of its mapping's; one that is there has a value.
      return quickCheck(def.innerType)
    case 'union': {
      const options = def.options.map(quickCheck)
      return (value) => options.some((option) => option(value))
    }
    case 'array': {
      const item = quickCheck(def.element)
      return (value) => Array.isArray(value) && value.every(item)
    }
    case 'record': {
      // Keys that are listed must all be there.
      if ((def.keyType as z.core.$ZodTypes)._zod.def.type !== 'string') return NEVER
      const [key, item] = [quickCheck(def.keyType), quickCheck(def.valueType)]
      return (value) => isMapping(value) && Object.keys(value).every((name) => key(name) && item(value[name]))
    }
    case 'object':
      return isClosed(def.catchall) ? mappingOf(def.shape) : NEVER
    default:
      return NEVER
  }
}

const NEVER: QuickCheck = () => false

function isOneOf(values: readonly unknown[]): QuickCheck {
  const [only] = values
  if (values.length === 1) return (value) => value === only
  const known = new Set(values)
  return (value) => known.has(value)
}

const isClosed = (catchall: z.core.$ZodType | undefined): boolean =>
  (catchall as z.core.$ZodTypes | undefined)?._zod.def.type === 'never'

/** Every field known and right, and every field there that must be. */
function mappingOf(shape: Readonly<Record<string, z.core.$ZodType>>): QuickCheck {
  const fields = new Map(Object.entries(shape).map(([name, schema]) => [name, quickCheck(schema)]))
  const isNeeded = (name: string) => (shape[name] as z.core.$ZodTypes)._zod.def.type !== 'optional'
  const needed = [...fields.keys()].filter(isNeeded)
  return (value) => {
    if (!isMapping(value)) return false
    for (const name of Object.keys(value)) if (fields.get(name)?.(value[name]) !== true) return false
    for (const name of needed) if (!Object.hasOwn(value, name)) return false
    return true
  }
}

/** What a reader of YAML or of a bundle makes: no class of its own, no field that would be another object's prototype. */
function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return false
  return !Object.hasOwn(value, '__proto__')
}

function checkOf(check: z.core.$ZodCheck<never>): QuickCheck {
  const { def } = check._zod as z.core.$ZodChecks['_zod']
  switch (def.check) {
    case 'string_format': {
      const pattern = def.format === 'regex' && def.abort !== true ? def.pattern : undefined
      // What remembers where it was would say something else the next time.
      return pattern === undefined || pattern.global || pattern.sticky
        ? NEVER
        : (value) => pattern.test(value as string)
    }
    case 'min_length':
      return (value) => (value as readonly unknown[]).length >= def.minimum
    case 'greater_than':
      return (value) => Number(value) > Number(def.value) || (def.inclusive && value === def.value)
    case 'less_than':
      return (value) => Number(value) < Number(def.value) || (def.inclusive && value === def.value)
    default:
      return String(check._zod.def.check) === 'custom' ? ownCheck(check) : NEVER
  }
}

/** A check that is a function of ours: the same one is asked. */
function ownCheck(check: z.core.$ZodCheck<never>): QuickCheck {
  return (value) => {
    const payload = { value: value as never, issues: [] }
    check._zod.check(payload)
    return payload.issues.length === 0 && payload.value === value
  }
}
