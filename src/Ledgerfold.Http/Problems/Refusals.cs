using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Operating;

namespace Ledgerfold.Http.Problems;

/// <summary>Says what became of something as a refusal.</summary>
public static class Refusals
{
    /// <summary>Why a command was not carried out; null where it was.</summary>
    /// <param name="answer">What became of it.</param>
    /// <param name="pointerOf">Where in the body a member of the command came from; its own name where this says nothing.</param>
    public static Refusal? Of(CommandAnswer answer, Func<string, string?>? pointerOf = null)
    {
        string Pointer(string field) => pointerOf?.Invoke(field) ?? PointerOf(field);
        return answer switch
        {
            CommandAnswer.Accepted => null,
            CommandAnswer.Rejected rejected => new Refusal(rejected.Code, rejected.Message)
            {
                Errors = rejected.Field is { } field ? [new FieldError(Pointer(field), rejected.Message ?? rejected.Code)] : [],
            },
            CommandAnswer.Invalid { Field: "id" } => new Refusal(PlatformProblems.KeyReused.Code),
            CommandAnswer.Invalid invalid => Refusal.Of(Pointer(invalid.Field), invalid.Rule),
            CommandAnswer.Forbidden forbidden => new Refusal(PlatformProblems.Forbidden.Code, forbidden.Reason),
            CommandAnswer.Conflict => new Refusal(PlatformProblems.Conflict.Code),
            CommandAnswer.Unreadable unreadable => new Refusal(PlatformProblems.Unreadable.Code)
            {
                Facts = [("stream", unreadable.Stream), ("version", $"{unreadable.Version}")],
            },
            CommandAnswer.ReadOnly readOnly => new Refusal(PlatformProblems.ReadOnly.Code, readOnly.Reason),
            CommandAnswer.Overloaded overloaded => Overloaded(overloaded.Reason),
            CommandAnswer.Indeterminate indeterminate => new Refusal(PlatformProblems.Indeterminate.Code, indeterminate.Reason),
            _ => throw new InvalidOperationException($"Nobody knows the answer {answer.Kind}."),
        };
    }

    /// <summary>Why an append was not made; null where it was.</summary>
    public static Refusal? Of(AppendOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        return outcome switch
        {
            AppendOutcome.Appended => null,
            AppendOutcome.WrongVersion wrong => new Refusal(PlatformProblems.WrongVersion.Code)
            {
                Facts = [("stream", wrong.Stream), ("expected", $"{wrong.Expected}"), ("actual", $"{wrong.Actual}"),
                    ("newer", $"/api/v1/streams/{Uri.EscapeDataString(wrong.Stream)}/events?after={wrong.Expected.Version ?? 0}")],
            },
            AppendOutcome.ConditionFailed failed => new Refusal(PlatformProblems.ConditionFailed.Code)
            {
                Facts = [("position", $"{failed.Position}")],
            },
            AppendOutcome.CursorMoved moved => new Refusal(PlatformProblems.CursorMoved.Code)
            {
                Facts = [("consumer", moved.Consumer), ("partition", $"{moved.Partition}"), ("actual", $"{moved.Actual}")],
            },
            AppendOutcome.IdConflict conflict => OfId(PlatformProblems.IdConflict, conflict.Id),
            AppendOutcome.MixedRepeat mixed => OfId(PlatformProblems.MixedRepeat, mixed.Id),
            AppendOutcome.Erased erased => OfId(PlatformProblems.Erased, erased.Id),
            AppendOutcome.StreamClosed closed => new Refusal(PlatformProblems.StreamClosed.Code) { Facts = [("stream", closed.Stream)] },
            AppendOutcome.Refused refused => Refusal.Of(PointerOf(refused.Field), refused.Rule),
            AppendOutcome.ReadOnly readOnly => new Refusal(PlatformProblems.ReadOnly.Code, readOnly.Reason),
            AppendOutcome.Overloaded overloaded => Overloaded(overloaded.Reason),
            AppendOutcome.Indeterminate indeterminate => new Refusal(PlatformProblems.Indeterminate.Code, indeterminate.Reason),
            _ => throw new InvalidOperationException($"Nobody knows the outcome {outcome.Code}."),
        };
    }

    /// <summary>Why an operation was not begun; null where it was, or runs already.</summary>
    public static Refusal? Of(BeginAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return answer switch
        {
            BeginAnswer.Begun => null,
            BeginAnswer.Running running => new Refusal(PlatformProblems.Conflict.Code, "The same is being done already.")
            {
                Facts = [("operation", $"{running.Id}")],
            },
            BeginAnswer.Refused refused => Refusal.Of(PointerOf(refused.Field), refused.Rule),
            BeginAnswer.Unavailable unavailable => new Refusal(PlatformProblems.Indeterminate.Code, unavailable.Reason),
            _ => throw new InvalidOperationException($"Nobody knows the answer {answer.Kind}."),
        };
    }

    /// <summary>A member such as <c>Lines[0].UnitPrice</c> as a pointer into the body: <c>/lines/0/unitPrice</c>.</summary>
    public static string PointerOf(string field)
    {
        ArgumentNullException.ThrowIfNull(field);
        var parts = field.Replace("[", ".", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal)
            .Split('.', StringSplitOptions.RemoveEmptyEntries)
            .Select(static part => char.ToLowerInvariant(part[0]) + part[1..].Replace("~", "~0", StringComparison.Ordinal)
                .Replace("/", "~1", StringComparison.Ordinal));
        return string.Concat(parts.Select(static part => "/" + part));
    }

    private static Refusal Overloaded(string reason) =>
        new(PlatformProblems.Overloaded.Code, reason) { RetryAfter = TimeSpan.FromSeconds(1) };

    private static Refusal OfId(ProblemKind kind, Guid id) => new(kind.Code) { Facts = [("id", $"{id}")] };
}
