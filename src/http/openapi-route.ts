import type { OpenRoute } from './open-route.ts'
import { openApiDocument, type OpenApiSource } from './openapi-document.ts'

const head = {
  method: 'GET',
  path: '/openapi.json',
  summaryZh: '接口说明(OpenAPI 3.1)',
} as const

/** GET /openapi.json; the document is made once, of what is mounted. */
export const openApiRoute = (source: OpenApiSource): OpenRoute => {
  const openRoutes = [...source.openRoutes, head]
  const body = JSON.stringify(openApiDocument({ ...source, openRoutes }))
  return {
    ...head,
    answer: () => ({
      status: 200,
      contentType: 'application/json',
      body,
      cacheControl: 'public, max-age=300',
    }),
  }
}
