import { Injectable, NotFoundException, type PipeTransform } from '@nestjs/common';

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

export const isUuid = (text: string): boolean => UUID.test(text);

/** What can not be an id is an id that nothing has: 404, not 400. */
@Injectable()
export class SessionIdPipe implements PipeTransform<string, string> {
  transform(text: string): string {
    if (!isUuid(text)) throw new NotFoundException('resource not found');
    return text.toLowerCase();
  }
}
