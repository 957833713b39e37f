namespace ConnectTasks.Client;

/// <summary>Limits of SQS's SendMessageBatch (API version 2012-11-05).</summary>
internal static class SqsLimits
{
    /// <summary>A message, and all messages of a batch together: bodies and attributes in UTF-8 bytes.</summary>
    public const int MessageMaxBytes = 1_048_576;

    /// <summary>The smallest MaximumMessageSize that a queue can be given, in bytes.</summary>
    public const int MessageMinBytes = 1_024;

    /// <summary>Messages in a batch.</summary>
    public const int BatchMaxCount = 10;

    /// <summary>Characters of an attribute's name.</summary>
    public const int AttributeNameMaxCharacters = 256;

    /// <summary>Characters of a message group's id.</summary>
    public const int GroupIdMaxCharacters = 128;
}
