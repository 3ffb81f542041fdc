using System.Collections.Immutable;
using Ledgerfold.Model.Wire;

namespace Ledgerfold.Cli.Appending;

/// <summary>Appends lines to a ledger.</summary>
internal sealed class LedgerAppends(ILedger ledger, AppendRequestReader requests) : ILineAppends
{
    public Task<LineAnswer> Append(InputLine line)
    {
        if (line.IsTooLong)
            return Task.FromResult(AnswerOf(new AppendAnswer(TooLong, [])));
        return requests.TryRead(line.Bytes, out var request, out var refused)
            ? Append(request)
            : Task.FromResult(AnswerOf(new AppendAnswer(refused!, [])));
    }

    public static AppendOutcome.Refused TooLong { get; } = new("", $"a line of at most {AppendPipeline.LineBytesMax} bytes");

    public static LineAnswer AnswerOf(AppendAnswer answer) =>
        new(ExitCodeOf(answer.Outcome), json => AppendAnswerJson.Write(json, answer));

    private async Task<LineAnswer> Append(AppendRequest request)
    {
        var ids = request.Writes.SelectMany(write => write.Events, (_, item) => item.Id).ToImmutableArray();
        try
        {
            return AnswerOf(new AppendAnswer(await ledger.Append(request, CancellationToken.None), ids));
        }
        catch (LedgerDamagedException damage)
        {
            return AnswerOf(new AppendAnswer(null, ids, damage));
        }
    }

    private static int ExitCodeOf(AppendOutcome? outcome) => outcome switch
    {
        AppendOutcome.Appended => ExitCode.Ok,
        AppendOutcome.WrongVersion or AppendOutcome.ConditionFailed or AppendOutcome.CursorMoved or AppendOutcome.IdConflict
            or AppendOutcome.MixedRepeat or AppendOutcome.StreamClosed => ExitCode.Conflict,
        _ => ExitCode.Failed,
    };
}
