using System.Text.Json;
using Ledgerfold.Model.Acting;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Driving;

/// <summary>
/// Sends the command of a step. Its id follows from the step, and the answer to an id is given once and for ever: so the command takes
/// effect once, however often it is sent.
/// </summary>
internal sealed class CommandAttempt(Commands commands, WorkTypes works, ProcessOptions options) : IStepAttempt
{
    public async Task<AttemptResult> Try(OpenStep step, AskedStep asked, Func<StepOutcome, Task> late)
    {
        var key = step.Key;
        var name = $"process:{key.Process}";
        object? command;
        try
        {
            command = works.ReadCommand(asked.Step.Work!);
        }
        catch (JsonException failure)
        {
            return Again($"The command {asked.Step.Work!.Name} cannot be read: {failure.Message}");
        }

        if (command is null)
            return Again($"No module handles {asked.Step.Work!.Name}.");
        var id = ProcessRecords.IdOfStep(key.Tenant, key.Process, key.Key, key.Serial);
#if ZOO
        if (step.IsFound && Zoo.Bug("process-effect-in-replay"))
            id = NameBasedId.Of(id, "again"u8);
#endif
        var origin = new CommandOrigin
        {
            Id = id,
            Caller = name,
            Actor = name,
            Tenant = key.Tenant,
            CorrelationId = asked.CorrelationId,
            CausationId = asked.Cause.Id.ToString(),
            TraceParent = asked.Cause.TraceParent,
        };
        try
        {
            return Read(await commands.Send(command, origin));
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return Again(FoldError.Say(failure));
        }
    }

    private AttemptResult Read(CommandAnswer answer) => answer switch
    {
        CommandAnswer.Accepted accepted => new(new StepOutcome(StepOutcomeKind.Done, Token: accepted.Token)),
        CommandAnswer.Rejected rejected => Failed(rejected.Code, rejected.Message ?? rejected.Field),
        CommandAnswer.Invalid invalid => Failed("INVALID", $"{invalid.Field}: {invalid.Rule}"),
        CommandAnswer.Forbidden forbidden => Failed("FORBIDDEN", forbidden.Reason),
        _ => Again(answer.ToString()),
    };

    private static AttemptResult Failed(string code, string? message) => new(new StepOutcome(StepOutcomeKind.Failed, code, message));

    private AttemptResult Again(string problem) => new(null, problem, options.CommandRetries);
}
