using Ledgerfold.Storage;
using Ledgerfold.Testing;

namespace Ledgerfold.Simulation.Folds;

/// <summary>What the store must hold: the model with every acknowledged batch in it, and those in doubt, in their order.</summary>
internal sealed class FoldOracle(SeededRandom random, Marks marks, Journal journal)
{
    private const int FormerMax = 40;

    private readonly List<FoldProcess.Call> _doubts = [];
    private readonly Queue<string> _former = [];
    private InMemoryFoldStore _model = new();

    public InMemoryFoldStore Model => _model;

    public Journal Journal => journal;

    public Marks Marks => marks;

    /// <summary>Whether an error of the disk was ordered in this generation, so that one may be met.</summary>
    public bool MayFail { get; set; }

    /// <summary>Whether bytes were changed behind the store's back: from then on it may report damage, and never serve it.</summary>
    public bool IsDamaged { get; set; }

    /// <summary>Whether another process tried to take over: from its claim on, this one may say that it is fenced off.</summary>
    public bool MayBeFenced { get; set; }

    /// <summary>Whether a reset was cut short: the store may be what it was, or empty.</summary>
    public bool MayBeForgotten { get; set; }

    /// <summary>Whether the store may be asked for what it held before its last commit: on a full disk it may show no more.</summary>
    public bool KeepsFormer { get; init; }

    /// <summary>Folds of which a batch met damage: who keeps one drops it.</summary>
    public HashSet<FoldName> Condemned { get; } = [];

    public ulong Hash { get; private set; }

    /// <summary>The store was emptied on purpose.</summary>
    public void Forget()
    {
        _model = new InMemoryFoldStore();
        _doubts.Clear();
        _former.Clear();
        Condemned.Clear();
        IsDamaged = false;
        MayBeForgotten = false;
    }

    /// <summary>Where a fold will stand when all that waits is written.</summary>
    public long Expects(FoldName fold, FoldProcess process)
    {
        var last = process.Pending.FindLast(call => call.Fold == fold);
        return last switch
        {
            null => FoldContent.Now(_model.ReadPosition(fold)),
            { Batch: { } batch } => batch.Position,
            _ => 0,
        };
    }

    public string ContentOfModel() => FoldContent.Of(_model, 100, backward: false);

    /// <summary>Holds the answers that have come against the model.</summary>
    public void Settle(FoldProcess process)
    {
        for (var c = 0; c < process.Pending.Count; c++)
        {
            var call = process.Pending[c];
            if (!call.Answer.IsCompleted)
                continue;
            process.Pending.RemoveAt(c--);
            try
            {
                Judge(process, call, call.Answer.GetAwaiter().GetResult());
            }
            catch (FoldsDamagedException damage) when (IsDamaged)
            {
                journal.Say($"  the caller met {damage.Message}");
                marks.Hit("folds: a write met damage");
                Condemned.Add(call.Fold);
            }
            catch (IOException failure) when (MayFail && failure is not FoldsDamagedException)
            {
                journal.Say($"  the caller met {failure.Message}");
                marks.Hit("folds: a write met an error of the disk");
            }
        }
    }

    /// <summary>A process ended: whoever waited for it does not know.</summary>
    public void Doubt(FoldProcess process)
    {
        Settle(process);
        if (!process.Fenced)
            _doubts.AddRange(process.Pending);
    }

    /// <summary>The process goes on after all.</summary>
    public void Undoubt(FoldProcess process) => _doubts.RemoveAll(process.Pending.Contains);

    /// <summary>On a full disk it may show what was there before its last commit, and nothing else that is not there for good.</summary>
    public void ReconcileWaiting(EmbeddedFoldStore store)
    {
        try
        {
            var found = FoldContent.Of(store, 100, backward: false);
            if (found == ContentOfModel())
                return;
            if (_former.Contains(found))
            {
                marks.Hit("folds: the last commit waits for space");
                return;
            }
        }
        catch (FoldsDamagedException) when (IsDamaged)
        {
            return;
        }

        Reconcile(store);
    }

    /// <summary>Finds after which of those in doubt the store stands.</summary>
    public void Reconcile(EmbeddedFoldStore store)
    {
        string found;
        try
        {
            found = FoldContent.Of(store, random.Between(1, 20), random.Coin());
        }
        catch (FoldsDamagedException damage) when (IsDamaged)
        {
            journal.Say($"  the check met {damage.Message}");
            marks.Hit("folds: a read met damage");
            SkipDoubts(store);
            return;
        }

        var before = ContentOfModel();
        if (MayBeForgotten && found == FoldContent.Of(new InMemoryFoldStore(), 100, backward: false))
        {
            Forget();
            return;
        }

        for (var taken = 0; ; taken++)
        {
            if (ContentOfModel() == found)
            {
                marks.Hit("folds: a batch in doubt was there", taken > 0);
                marks.Hit("folds: a batch in doubt was not there", taken < _doubts.Count);
                journal.Say($"  {taken} of {_doubts.Count} in doubt are there");
                break;
            }

            if (taken == _doubts.Count)
                throw new OracleException("recovered", $"after a restart there is\n{found}which is not after any of {taken} in doubt; acknowledged is\n{before}");
            Apply(_doubts[taken]);
        }

        _doubts.Clear();
        Mix(found);
    }

    /// <summary>What the store shows must be what was acknowledged.</summary>
    public void Check(IFoldReader reader, string expected, string what)
    {
        try
        {
            var found = FoldContent.Of(reader, random.Between(1, 20), random.Coin());
            if (found != expected)
                throw new OracleException("content", $"{what} shows\n{found}and must show\n{expected}");
        }
        catch (FoldsDamagedException damage) when (IsDamaged)
        {
            journal.Say($"  {what} met {damage.Message}");
            marks.Hit("folds: a read met damage");
        }
        catch (IOException failure) when (MayFail && failure is not FoldsDamagedException)
        {
            journal.Say($"  {what} met {failure.Message}");
        }
    }

    public void CheckRow(IFoldReader reader, FoldName fold, FoldKey key)
    {
        try
        {
            var found = FoldContent.Of(FoldContent.Now(reader.Get(fold, key.Tenant, key.Key)));
            var expected = FoldContent.Of(FoldContent.Now(_model.Get(fold, key.Tenant, key.Key)));
            if (found != expected)
                throw new OracleException("content", $"{fold} {key}: found {FoldContent.Short(found)}, expected {FoldContent.Short(expected)}");
        }
        catch (FoldsDamagedException) when (IsDamaged)
        {
            marks.Hit("folds: a read met damage");
        }
        catch (IOException failure) when (MayFail && failure is not FoldsDamagedException)
        {
            journal.Say($"  a read met {failure.Message}");
        }
    }

    /// <summary>
    /// Part of the store cannot be read: it is where it was after the first of those in doubt with which all agrees that they speak of and
    /// that can be read.
    /// </summary>
    private void SkipDoubts(EmbeddedFoldStore store)
    {
        for (var taken = 0; taken < _doubts.Count && !_doubts.TrueForAll(call => AgreesOn(store, call)); taken++)
            Apply(_doubts[taken]);
        _doubts.Clear();
    }

    private bool AgreesOn(EmbeddedFoldStore store, FoldProcess.Call call)
    {
        if (FoldContent.Now(store.ReadPosition(call.Fold)) != FoldContent.Now(_model.ReadPosition(call.Fold)))
            return false;
        return call.Batch is not { } batch
            || batch.Rows.Select(static row => new FoldKey(row.Tenant, row.Key)).Concat(batch.Removed).All(key => AgreesOn(store, call.Fold, key));
    }

    private bool AgreesOn(EmbeddedFoldStore store, FoldName fold, FoldKey key)
    {
        try
        {
            return FoldContent.Of(FoldContent.Now(store.Get(fold, key.Tenant, key.Key)))
                == FoldContent.Of(FoldContent.Now(_model.Get(fold, key.Tenant, key.Key)));
        }
        catch (FoldsDamagedException)
        {
            return true;
        }
    }

    private FoldOutcome Apply(FoldProcess.Call call)
    {
        if (KeepsFormer)
            _former.Enqueue(ContentOfModel());
        if (_former.Count > FormerMax)
            _former.Dequeue();
        if (call.Batch is null)
            Condemned.Remove(call.Fold);
        return FoldContent.Now(call.Batch is { } batch ? _model.Write(batch) : _model.Drop(call.Fold));
    }

    private void Judge(FoldProcess process, FoldProcess.Call call, FoldOutcome outcome)
    {
        journal.Say($"  answer {outcome}");
        Mix(outcome.Code);
        marks.Hit($"folds: outcome {outcome.Code}");
        if (process.Fenced)
        {
            if (outcome is FoldOutcome.Written && call.Batch is { Position: > 0 })
                throw new OracleException("fence", "a writer acknowledges after a newer one opened the store");
            return;
        }

        switch (outcome)
        {
            case FoldOutcome.Indeterminate:
                if (process.Store.Health.Trouble is null)
                    throw new OracleException("answers", "indeterminate, and the writer goes on as if it knew");
                _doubts.Add(call);
                return;
            case FoldOutcome.ReadOnly refused:
                marks.Hit("folds: refused because the disk is full", refused.Reason.Contains("full", StringComparison.Ordinal));
                if (!MayFail && !IsDamaged && !MayBeFenced)
                    throw new OracleException("available", $"nothing is wrong with the disk, and the store answers {outcome}");
                return;
        }

        var expected = Apply(call);
        if ($"{expected}" != $"{outcome}")
            throw new OracleException("model", $"{call.Fold}: answered {outcome}, expected {expected}");
    }

    private void Mix(string text)
    {
        foreach (var letter in text)
            Hash = System.Numerics.BitOperations.RotateLeft((Hash ^ letter) * 0x9E3779B97F4A7C15, 23);
    }
}
