// A refusal that the caller is told: status, code, message and, where one is to blame, the field.

export class Problem extends Error {
  constructor(status, code, message, field) {
    super(message)
    this.status = status
    this.code = code
    this.field = field
  }

  toJSON() {
    return { code: this.code, message: this.message, ...(this.field && { field: this.field }) }
  }
}

export const invalid = (field, reason) => new Problem(400, 'com-400', `${field} ${reason}`, field)
export const unknown = (what) => new Problem(404, 'com-404', `${what} does not exist`)
