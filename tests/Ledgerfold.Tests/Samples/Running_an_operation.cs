using Ledgerfold.Model.Operating;
using Ledgerfold.Testing;

namespace Ledgerfold.Tests.Samples;

public sealed class Running_an_operation
{
    // begin kind
    public sealed record ImportCustomers(string File);

    public static Operation<ImportCustomers> Import(Func<string, string[]> read, Action<string> import) => new("import-customers")
    {
        Subject = static request => $"file:{request.File}",
        Run = async (request, context) =>
        {
            var lines = read(request.File);
            for (var done = context.Checkpoint<int>(); done < lines.Length; done++)
            {
                import(lines[done]); // twice behind a crash: it has to bear that
                await context.Save(new OperationProgress(done + 1, lines.Length, lines[done]), checkpoint: done + 1);
            }

            return new { Imported = lines.Length };
        },
    };
    // end

    [Fact]
    public async Task Goes_on_behind_a_restart_and_can_be_watched_and_cancelled()
    {
        await using var ledger = new InMemoryLedger();
        var imported = new List<string>();
        await using var engine = new OperationEngine(ledger, [Import(static _ => ["ada", "bob"], imported.Add)]);
        await engine.Start();

        // begin ask
        var requestId = Guid.Parse("0197c2f4-7a4e-7bb5-9d1c-333333333333"); // asked again with the same id, it is begun once
        var origin = new OperationOrigin(Actor: "ada", Reason: "the spring catalogue") { Id = requestId };
        var said = await engine.Begin(new ImportCustomers("spring.csv"), origin) switch
        {
            BeginAnswer.Begun begun => $"begun: {begun.Id}",
            BeginAnswer.Running other => $"{other.Subject} is in work already: {other.Id}",
            BeginAnswer.Refused refused => $"{refused.Field}: {refused.Rule}",
            _ => "the ledger takes nothing now: ask again with the same id",
        };
        // end

        // begin watch
        var state = (await engine.Find(requestId))!;
        var line = $"{state.Phase} {state.Progress?.Done}/{state.Progress?.Of}, done at {state.ExpectedAt}, wanted by {state.Actor}: {state.Reason}";

        var open = await engine.List(new OperationSearch { OpenOnly = true }); // newest first, page by page

        await engine.Cancel(requestId, reason: "the wrong file", actor: "bob");
        var ended = (await engine.Wait(requestId, within: TimeSpan.FromSeconds(30)))!;
        var outcome = ended.Phase switch
        {
            OperationPhase.Completed => $"{ended.Result}", // it was faster
            OperationPhase.Failed => ended.Error,
            _ => $"cancelled by {ended.Cancel?.Actor}: {ended.Cancel?.Reason}",
        };
        // end
        Assert.StartsWith("begun", said);
        Assert.EndsWith("wanted by ada: the spring catalogue", line);
        Assert.True(ended.HasEnded);
        Assert.NotNull(outcome);
        Assert.True(open.Operations.Length <= 1);

        Assert.IsType<BeginAnswer.Begun>(await engine.Begin(new ImportCustomers("summer.csv"), origin with { Id = Guid.AllBitsSet }));
        var whole = (await engine.Wait(Guid.AllBitsSet))!;
        Assert.Equal("""{"imported":2}""", whole.Result.ToString());
        Assert.Equal(["ada", "bob"], imported[^2..]);
    }
}
