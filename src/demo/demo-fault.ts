/** Something that the demo asked for did not come out as it must; the message is for a person. */
export class DemoFault extends Error {
  override readonly name = 'DemoFault';
}
