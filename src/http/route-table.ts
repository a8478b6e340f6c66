type Route = { readonly method: string; readonly path: string }

export type RouteTable = {
  /** Methods that some route has for the address; none when there is no such address. */
  readonly methodsOf: (target: string) => readonly string[]
}

/** Tells a wrong method from an unknown address. */
export const createRouteTable = (routes: readonly Route[]): RouteTable => {
  const patterns = routes.map(({ method, path }) => ({ method, pattern: patternOf(path) }))
  return {
    methodsOf: (target) => {
      const [path = ''] = target.split('?', 1)
      const fitting = patterns.filter(({ pattern }) => pattern.test(path))
      return [...new Set(fitting.map(({ method }) => method))].sort()
    },
  }
}

/** Hono's `:name` is one segment, `:name{expression}` what the expression takes. */
const patternOf = (path: string): RegExp =>
  new RegExp(
    `^${path.replace(
      /:[A-Za-z]+(?:\{([^}]*)\})?|[.+*?^$()|[\]\\]/g,
      (found: string, expression: string | undefined) =>
        found.startsWith(':') ? (expression ?? '[^/]+') : `\\${found}`,
    )}$`,
  )
