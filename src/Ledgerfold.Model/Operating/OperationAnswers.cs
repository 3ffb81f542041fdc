namespace Ledgerfold.Model.Operating;

/// <summary>What became of asking for an operation: a closed family, so that a caller's <c>switch</c> sees every case.</summary>
public abstract record BeginAnswer
{
    private BeginAnswer()
    {
    }

    /// <summary>The stable name of the case, kebab-case, the same on every surface.</summary>
    public abstract string Kind { get; }

    /// <summary>It is on disk, and runs as soon as there is room.</summary>
    /// <param name="Id">Its id, by which it is found.</param>
    /// <param name="Repeated">Whether it had been asked for before under this id; it may have ended by now.</param>
    public sealed record Begun(Guid Id, bool Repeated) : BeginAnswer
    {
        /// <inheritdoc />
        public override string Kind => "begun";
    }

    /// <summary>Nothing was begun: another operation on the same subject is open.</summary>
    /// <param name="Id">The id of that one.</param>
    /// <param name="Subject">What both are about.</param>
    public sealed record Running(Guid Id, string Subject) : BeginAnswer
    {
        /// <inheritdoc />
        public override string Kind => "running";
    }

    /// <summary>It breaks a rule; nothing is remembered of it.</summary>
    /// <param name="Field">What is at fault.</param>
    /// <param name="Rule">What must hold there.</param>
    public sealed record Refused(string Field, string Rule) : BeginAnswer
    {
        /// <inheritdoc />
        public override string Kind => "refused";
    }

    /// <summary>The ledger takes nothing now, or lost its answer: asked for again with the same id, it is begun once.</summary>
    public sealed record Unavailable(Guid Id, string Reason) : BeginAnswer
    {
        /// <inheritdoc />
        public override string Kind => "unavailable";
    }
}

/// <summary>What became of asking an operation to stop: a closed family, so that a caller's <c>switch</c> sees every case.</summary>
public abstract record CancelAnswer
{
    private CancelAnswer()
    {
    }

    /// <summary>The stable name of the case, kebab-case, the same on every surface.</summary>
    public abstract string Kind { get; }

    /// <summary>It is told to stop, now or since somebody asked before; it ends when it heeds that.</summary>
    public sealed record Asked : CancelAnswer
    {
        /// <inheritdoc />
        public override string Kind => "asked";
    }

    /// <summary>It has ended, before or because of this.</summary>
    /// <param name="Phase">As what it ended.</param>
    public sealed record Ended(OperationPhase Phase) : CancelAnswer
    {
        /// <inheritdoc />
        public override string Kind => "ended";
    }

    /// <summary>There is no such operation.</summary>
    public sealed record Unknown : CancelAnswer
    {
        /// <inheritdoc />
        public override string Kind => "unknown";
    }

    /// <summary>It breaks a rule; nothing is remembered of it.</summary>
    /// <param name="Field">What is at fault.</param>
    /// <param name="Rule">What must hold there.</param>
    public sealed record Refused(string Field, string Rule) : CancelAnswer
    {
        /// <inheritdoc />
        public override string Kind => "refused";
    }

    /// <summary>The ledger takes nothing now, or lost its answer: it can be asked again.</summary>
    public sealed record Unavailable(string Reason) : CancelAnswer
    {
        /// <inheritdoc />
        public override string Kind => "unavailable";
    }
}
