namespace Ledgerfold.Cli.Load.Sending;

/// <summary>What became of one attempt. Times are counted from the start of the run.</summary>
internal struct Attempt
{
    public AnswerKind Kind { get; set; }

    /// <summary>How long after it was due it was handed over to be sent.</summary>
    public TimeSpan SentLate { get; set; }

    /// <summary>Whether every connection was taken when it was handed over.</summary>
    public bool Waited { get; set; }

    /// <summary>When the whole answer was there.</summary>
    public TimeSpan AnsweredAt { get; set; }

    /// <summary>Whether the server said that it gives an answer again.</summary>
    public bool IsReplay { get; set; }

    public string? OrderId { get; set; }

    public string? Detail { get; set; }

    /// <summary>Status and hash of an answer that must be the same for every click; null where it may differ.</summary>
    public string? Fingerprint { get; set; }
}
