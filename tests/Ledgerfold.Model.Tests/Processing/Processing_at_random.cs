using Ledgerfold.Model.Processing;
using Ledgerfold.Testing;
using Ledgerfold.Testing.Processing;

namespace Ledgerfold.Model.Tests.Processing;

/// <summary>
/// One seed decides the process and what reaches an instance of it, in which order. Whatever happens: it ends once, what was done is undone
/// once and in reverse where it compensates, and nothing is undone that was not done.
/// </summary>
public sealed class Processing_at_random
{
    private const int Seeds = 1_000;
    private const int Steps = 60;
    private const int ReplayEvery = 10;

    [Fact]
    public void Ends_once_and_undoes_what_was_done()
    {
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            try
            {
                var run = new Run(seed);
                run.Go();
                if (seed % ReplayEvery == 0)
                    run.Replay();
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"Seed {seed}: {failure.Message}", failure);
            }
        }
    }

    private sealed class Run
    {
        private readonly SeededRandom _random;
        private readonly RandomPlan _plan;
        private readonly Instance _instance;
        private readonly UndoOracle _oracle;

        public Run(ulong seed)
        {
            _random = new SeededRandom(seed);
            _plan = new RandomPlan(_random);
            _instance = new Instance(_plan.Process(poison: false));
            _oracle = new UndoOracle(_plan);
            _instance.Saw = _oracle.Saw;
        }

        public void Go()
        {
            _instance.Tell(new Trip.TripPlanned(Instance.Key));
            for (var step = 0; step < Steps; step++)
                Step();
            _instance.Goes(_plan.Process(poison: false));
            for (var tries = 0; ; tries++)
            {
                if (_instance.Now!.Error is not null)
                    _instance.Act(new OperatorAction.Release());
                if (!Drain(tries))
                    break;
                Assert.True(tries < 200, "it never ends");
            }

            Assert.True(_instance.Now.HasEnded, "it waits for nothing and has not ended");
            _oracle.CheckAtTheEnd();
        }

        /// <summary>Whatever came, the same code makes the same of it again.</summary>
        public void Replay() => ProcessRecording.Parse(_instance.Recording.ToText()).Replay(_plan.Process(poison: false), Trip.Module).ThenSame();

        private void Step()
        {
            _instance.After(TimeSpan.FromSeconds(_random.Below(90)));
            switch (_random.Below(20))
            {
                case < 9:
                    AnswerOne(mayFail: true);
                    break;
                case < 13:
                    FireOne();
                    break;
                case 13:
                    _instance.Tell(new Trip.TripChanged(Instance.Key, $"s{_random.Below(7)}"));
                    break;
                case 14:
                    _instance.Tell(new Trip.TripPlanned(Instance.Key));
                    break;
                case 15:
                    _instance.Goes(_plan.Process(poison: _random.Coin()));
                    break;
                case 16:
                    _instance.Act(new OperatorAction.Release());
                    break;
                case 17:
                    _instance.Act(Action());
                    break;
                case 18:
                    _instance.Answer(_random.Between(1, _instance.Now!.Serial + 1), new StepOutcome(StepOutcomeKind.Failed, "AGAIN"));
                    break;
                default:
                    SettleOne();
                    break;
            }
        }

        private OperatorAction Action() => _random.Below(12) switch
        {
            0 => new OperatorAction.Terminate(),
            1 or 2 => new OperatorAction.Compensate(),
            _ => new OperatorAction.RetryStep(_random.Between(1, _instance.Now!.Serial + 1)),
        };

        private void AnswerOne(bool mayFail)
        {
            var waiting = _instance.Now!.Steps.Where(static step => step.Status is StepStatus.Open or StepStatus.Overdue).ToArray();
            if (waiting.Length == 0)
                return;
            var step = _random.Pick(waiting);
            var kind = _random.Below(mayFail ? 6 : 2) switch
            {
                5 when !step.Work!.Settles => StepOutcomeKind.Unknown,
                4 or 5 => StepOutcomeKind.Failed,
                _ => StepOutcomeKind.Done,
            };
            _instance.Answer(step.Serial, new StepOutcome(kind, $"{kind}"));
        }

        private void FireOne()
        {
            if (_instance.Now!.Timers is not [_, ..] timers)
                return;
            var timer = _random.Pick<ProcessTimer>(timers);
            _instance.Fires(timer);
            if (_random.OneIn(4))
                _instance.Fires(timer);
        }

        private void SettleOne()
        {
            var failed = _instance.Now!.Steps.Where(static step => step.Status is StepStatus.Failed or StepStatus.Overdue).ToArray();
            if (failed.Length > 0)
                _instance.Act(new OperatorAction.SettleStep(_random.Pick(failed).Serial));
        }

        /// <summary>Brings everything on its way to its end; false where nothing is.</summary>
        private bool Drain(int tries)
        {
            var steps = _instance.Now!.Steps;
            if (steps.FirstOrDefault(static step => step.Status == StepStatus.Failed) is { } failed)
                _instance.Act(_random.Coin() ? new OperatorAction.RetryStep(failed.Serial) : new OperatorAction.SettleStep(failed.Serial));
            else if (steps.Any(static step => step.Status is StepStatus.Open or StepStatus.Overdue))
                AnswerOne(mayFail: tries < 20);
            else
                return false;
            return true;
        }
    }
}
