namespace ConnectTasks;

/// <summary>
/// Marks for values that are there but could not be read, told apart by reference. The reader has reported them; the
/// rules pass over them, so that a broken value is reported once and does not count as missing.
/// </summary>
internal static class Unreadable
{
    // Made at run time: a literal could be the same object as an equal text of a caller.
    public static readonly string Text = new(nameof(Unreadable).AsSpan());

    public static readonly TaskReference Reference = new(Text, Text);

    public static readonly SegmentAttribute Segment = new();

    public static readonly TaskAttachmentFile Attachment = new(Text, Text);

    public static bool IsMark(object value) =>
        ReferenceEquals(value, Text)
        || ReferenceEquals(value, Reference)
        || ReferenceEquals(value, Segment)
        || ReferenceEquals(value, Attachment);
}
