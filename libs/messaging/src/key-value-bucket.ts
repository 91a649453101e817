export class KeyValueBucket<Value> {
  get(_key: string): Promise<Value | undefined> {
    throw new Error('not implemented yet');
  }
  put(_key: string, _value: Value): Promise<void> {
    throw new Error('not implemented yet');
  }
  delete(_key: string): Promise<void> {
    throw new Error('not implemented yet');
  }
  entries(): Promise<Map<string, Value>> {
    throw new Error('not implemented yet');
  }
  watch(_listener: (key: string, value: Value | undefined) => void): Promise<() => void> {
    throw new Error('not implemented yet');
  }
}
