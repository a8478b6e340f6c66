import { oid } from './oid.ts'

/**
 * The valid_policy_graph of RFC 9618: RFC 5280's policy tree with equal nodes of a depth merged, so that
 * it cannot grow beyond (policies × certificates). A level maps each valid policy of that depth.
 */
export type PolicyNode = {
  readonly policy: string
  /** expected_policy_set. */
  readonly expected: ReadonlySet<string>
  /** Valid policies of the parent nodes, one depth above. */
  readonly parents: ReadonlySet<string>
}
type PolicyLevel = ReadonlyMap<string, PolicyNode>

/** Levels from depth 0; undefined is the NULL graph. */
export type PolicyGraph = readonly PolicyLevel[] | undefined

const node = (
  policy: string,
  parents: Iterable<string>,
  expected: Iterable<string> = [policy],
): PolicyNode => ({ policy, expected: new Set(expected), parents: new Set(parents) })

const levelOf = (nodes: readonly PolicyNode[]): PolicyLevel =>
  new Map(nodes.map((each) => [each.policy, each]))

/** §6.1.2 (a): one node anyPolicy at depth 0. */
export const initialPolicyGraph = (): PolicyGraph => [levelOf([node(oid.anyPolicy, [])])]

/** §6.1.3 (d), (e): adds the level of a certificate; `policies` undefined is a missing extension. */
export const extendPolicyGraph = (
  graph: PolicyGraph,
  policies: readonly string[] | undefined,
  allowsAny: boolean,
): PolicyGraph => {
  if (graph === undefined || policies === undefined) return undefined
  const above = graph.at(-1) ?? new Map<string, PolicyNode>()
  const parentsExpecting = expectations(above)
  const level = namedPolicies(policies, above, parentsExpecting)
  if (allowsAny && policies.includes(oid.anyPolicy)) {
    for (const [policy, parents] of parentsExpecting) {
      if (!level.has(policy)) level.set(policy, node(policy, parents))
    }
  }
  return pruned([...graph, level])
}

/** §6.1.3 (d) (1): nodes for the policies that the certificate names. */
const namedPolicies = (
  policies: readonly string[],
  above: PolicyLevel,
  parentsExpecting: ReadonlyMap<string, readonly string[]>,
): Map<string, PolicyNode> => {
  const fallback = above.has(oid.anyPolicy) ? [oid.anyPolicy] : undefined
  const level = new Map<string, PolicyNode>()
  for (const policy of policies) {
    const parents = parentsExpecting.get(policy) ?? fallback
    if (policy !== oid.anyPolicy && parents) level.set(policy, node(policy, parents))
  }
  return level
}

export type PolicyMapping = { readonly issuer: string; readonly subject: string }

/** §6.1.4 (b): applies the mappings of an intermediate to the deepest level. */
export const mapPolicies = (
  graph: PolicyGraph,
  mappings: readonly PolicyMapping[],
  isMappingAllowed: boolean,
): PolicyGraph => {
  if (graph === undefined) return undefined
  const level = new Map(graph.at(-1))
  const hasAny = level.has(oid.anyPolicy)
  for (const issuer of new Set(mappings.map((mapping) => mapping.issuer))) {
    const known = level.get(issuer)
    const subjects = mappings.filter((each) => each.issuer === issuer).map((each) => each.subject)
    if (!isMappingAllowed) level.delete(issuer)
    else if (known !== undefined) level.set(issuer, node(issuer, known.parents, subjects))
    else if (hasAny) level.set(issuer, node(issuer, [oid.anyPolicy], subjects))
  }
  return pruned([...graph.slice(0, -1), level])
}

/** §6.1.5 (g): the user-constrained policy set; anyPolicy in it stands for all. */
export const acceptablePolicies = (
  graph: PolicyGraph,
  initialPolicies: readonly string[],
): readonly string[] => {
  if (graph === undefined) return []
  const acceptsAll = initialPolicies.includes(oid.anyPolicy)
  if (graph.at(-1)?.has(oid.anyPolicy) === true) {
    return acceptsAll ? [oid.anyPolicy] : initialPolicies
  }
  const rooted = graph.flatMap((level) =>
    [...level.values()]
      .filter((each) => each.parents.has(oid.anyPolicy) && each.policy !== oid.anyPolicy)
      .map((each) => each.policy),
  )
  const authorityConstrained = [...new Set(rooted)]
  return acceptsAll
    ? authorityConstrained
    : authorityConstrained.filter((policy) => initialPolicies.includes(policy))
}

/** Expected policy → valid policies of the nodes that expect it. */
const expectations = (level: PolicyLevel): ReadonlyMap<string, readonly string[]> => {
  const found = new Map<string, string[]>()
  for (const { policy, expected } of level.values()) {
    for (const each of expected) {
      const policies = found.get(each)
      if (policies === undefined) found.set(each, [policy])
      else policies.push(policy)
    }
  }
  return found
}

/** Removes nodes without children, from the deepest level up; an empty level makes the graph NULL. */
const pruned = (graph: readonly PolicyLevel[]): PolicyGraph => {
  const levels = [...graph]
  for (let depth = levels.length - 2; depth >= 0; depth--) {
    const needed = new Set([...(levels[depth + 1] ?? [])].flatMap(([, each]) => [...each.parents]))
    const kept = [...(levels[depth] ?? [])].filter(([policy]) => needed.has(policy))
    levels[depth] = new Map(kept)
  }
  return levels.some((level) => level.size === 0) ? undefined : levels
}
