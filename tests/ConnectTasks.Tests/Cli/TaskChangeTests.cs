using Amazon.Connect.Model;
using ConnectTasks.Cli;

namespace ConnectTasks.Tests.Cli;

public sealed class TaskChangeTests : IDisposable
{
    private static readonly DateTimeOffset Later = Some.Now.AddDays(20);
    private readonly TaskRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_held_task_is_cancelled()
    {
        _rig.CarryOut();
        await _rig.HoldAsync(TaskRig.Token, Some.Now.AddDays(9), Some.Now.AddDays(4));

        Assert.Equal((true, "Cancelled"), await CancelAsync());
        Assert.Equal((true, "AlreadyCancelled"), await CancelAsync());
        Assert.Single(_rig.Sqs.Commands);
    }

    [Fact]
    public async Task A_held_task_is_given_its_new_time()
    {
        _rig.CarryOut();
        await _rig.HoldAsync(TaskRig.Token, Some.Now.AddDays(9), Some.Now.AddDays(4));

        Assert.Equal((true, "Rescheduled"), await RescheduleAsync());
        var record = await _rig.Deployment.Ledger.ReadAsync(_rig.Identity.Key, CancellationToken.None);
        Assert.Equal(Later, record!.ScheduledTime);
    }

    [Fact]
    public async Task A_task_that_waits_in_Connect_is_ended_and_moved_there()
    {
        _rig.CarryOut();
        await _rig.StartAsync(TaskRig.Token, Some.Now.AddDays(3));
        _rig.Connect.Described = new Contact { ScheduledTimestamp = Some.Now.AddDays(3).UtcDateTime };

        Assert.Equal((true, "Rescheduled"), Short(await Change().RescheduleAsync(Some.Now.AddDays(2), default)));
        Assert.Equal((true, "Cancelled"), await CancelAsync());
        Assert.Equal(["contact-1"], _rig.Connect.Stopped);
        Assert.Equal(Some.Now.AddDays(2).UtcDateTime, Assert.Single(_rig.Connect.Moved).ScheduledTime);
    }

    [Fact]
    public async Task A_running_task_is_ended_only_when_that_is_asked_for()
    {
        _rig.CarryOut();
        await _rig.StartAsync(TaskRig.Token);
        _rig.Connect.Described = new Contact { InitiationTimestamp = Some.Now.UtcDateTime };

        Assert.Equal((false, "Running"), await CancelAsync());
        Assert.Equal((false, "Running"), await RescheduleAsync());
        Assert.Empty(_rig.Sqs.Commands);
        Assert.Equal((true, "Cancelled"), Short(await Change().CancelAsync(true, false, default)));
    }

    [Fact]
    public async Task A_finished_task_is_said_to_be_finished_and_nothing_is_sent()
    {
        await _rig.StartAsync(TaskRig.Token);
        _rig.Connect.Described = new Contact { DisconnectTimestamp = Some.Now.UtcDateTime };

        Assert.Equal((false, "Over"), await CancelAsync());
        Assert.Equal((false, "Over"), await RescheduleAsync());
        Assert.Empty(_rig.Sqs.Commands);
    }

    [Fact]
    public async Task A_cancelled_task_is_not_moved()
    {
        await _rig.Ledger.CancelAsync(_rig.Identity.Key, Some.Now, CancellationToken.None);

        Assert.Equal((false, "AlreadyCancelled"), await RescheduleAsync());
        Assert.Empty(_rig.Sqs.Commands);
    }

    [Fact]
    public async Task An_unknown_task_is_said_to_be_unknown_and_cancelled_only_if_that_is_asked_for()
    {
        _rig.CarryOut();

        Assert.Equal((false, "Unknown"), await CancelAsync());
        Assert.Equal((false, "Unknown"), await RescheduleAsync());
        Assert.Empty(_rig.Sqs.Commands);
        Assert.Equal((true, "Cancelled"), Short(await Change().CancelAsync(false, isUnseenFine: true, default)));
    }

    [Fact]
    public async Task A_foreign_task_is_said_to_be_of_another_instance()
    {
        await _rig.StartAsync(TaskRig.Token);
        var foreign = new TaskChange(_rig.Deployment, new TaskIdentity("other", TaskRig.Token), TimeSpan.Zero);

        var result = await foreign.CancelAsync(false, false, CancellationToken.None);

        Assert.Equal((false, "Foreign"), Short(result));
        Assert.Contains($"of instance {Some.Instance}", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_without_effect_in_time_is_no_success()
    {
        await _rig.HoldAsync(TaskRig.Token, Some.Now.AddDays(9), Some.Now.AddDays(4));

        Assert.Equal((false, "NoEffectYet"), await CancelAsync());
        Assert.Equal((false, "NoEffectYet"), await RescheduleAsync());
        Assert.Equal(2, _rig.Sqs.Commands.Count);
    }

    [Fact]
    public async Task Without_waiting_what_was_sent_is_a_success()
    {
        await _rig.HoldAsync(TaskRig.Token, Some.Now.AddDays(9), Some.Now.AddDays(4));
        var change = new TaskChange(_rig.Deployment, _rig.Identity, TimeSpan.Zero);

        Assert.Equal((true, "Sent"), Short(await change.CancelAsync(false, false, CancellationToken.None)));
    }

    [Fact]
    public async Task Of_two_reschedules_the_one_that_was_sent_later_wins_and_the_other_is_told()
    {
        await _rig.HoldAsync(TaskRig.Token, Some.Now.AddDays(9), Some.Now.AddDays(4));
        _rig.Sqs.OnCommand = _ => _rig.Ledger.MoveAsync(
            _rig.Identity.Key,
            new ConnectTasks.Lambda.Move(Later.AddDays(1), Later.AddDays(-4), Some.Now.AddSeconds(1)),
            Some.Now,
            CancellationToken.None);

        Assert.Equal((false, "Superseded"), await RescheduleAsync());
    }

    [Theory]
    [InlineData(404, "ResourceNotFoundException")]
    [InlineData(400, "InvalidRequestException")]
    [InlineData(429, "TooManyRequestsException")]
    [InlineData(403, "AccessDeniedException")]
    [InlineData(500, "InternalServiceException")]
    public async Task What_Connect_does_not_say_for_sure_keeps_no_command_from_being_sent(int status, string code)
    {
        await _rig.StartAsync(TaskRig.Token, Some.Now.AddDays(3));
        _rig.Connect.Failures["Describe"] = ConnectError(status, code);
        _rig.Sqs.OnCommand = _ =>
        {
            _rig.Connect.Failures.Clear();
            _rig.Connect.Described = new Contact { ScheduledTimestamp = Some.Now.AddDays(3).UtcDateTime };
            return Task.CompletedTask;
        };

        Assert.Equal((false, "NoEffectYet"), await CancelAsync());
        Assert.Single(_rig.Sqs.Commands);
    }

    [Fact]
    public async Task A_contact_that_Connect_does_not_know_yet_is_not_said_to_be_finished()
    {
        await _rig.StartAsync(TaskRig.Token, Some.Now.AddDays(3));
        _rig.Connect.Failures["Describe"] = ConnectError(404, "ResourceNotFoundException");

        Assert.Equal((false, "NotFoundYet"), await CancelAsync());
        Assert.Single(_rig.Sqs.Commands);
    }

    [Fact]
    public async Task A_contact_that_is_gone_is_over_and_an_answer_without_it_says_nothing()
    {
        await _rig.StartAsync(TaskRig.Token, Some.Now.AddDays(3));

        _rig.Connect.Failures["Describe"] = ConnectError(410, "ContactNotFoundException");
        Assert.Equal((false, "Over"), await CancelAsync());
        Assert.Empty(_rig.Sqs.Commands);

        _rig.Connect.Failures.Clear();
        Assert.Equal((false, "NoEffectYet"), await CancelAsync());
        Assert.Single(_rig.Sqs.Commands);
    }

    [Fact]
    public async Task A_contact_that_Connect_shows_as_it_was_before_a_move_keeps_no_command_from_being_sent()
    {
        _rig.CarryOut();
        await _rig.StartAsync(TaskRig.Token, Some.Now.AddDays(3));
        _rig.Connect.Described = new Contact { ScheduledTimestamp = Some.Now.AddMinutes(-1).UtcDateTime };

        Assert.Equal((false, "Running"), await CancelAsync());
        Assert.Single(_rig.Sqs.Commands);
    }

    [Fact]
    public async Task A_move_is_done_only_when_Connect_has_taken_it()
    {
        await _rig.StartAsync(TaskRig.Token, Some.Now.AddDays(3));
        _rig.Connect.Described = new Contact { ScheduledTimestamp = Some.Now.AddDays(3).UtcDateTime };
        var move = new ConnectTasks.Lambda.Move(Later, Later, Some.Now.AddSeconds(1));
        var change = new ConnectTasks.Lambda.ContactChange("contact-1", "changer", Some.Now.AddMinutes(1));
        _rig.Sqs.OnCommand = _ => _rig.Ledger.WantAsync(
            _rig.Identity.Key, change, move, isRetry: false, Some.Now, CancellationToken.None);

        var result = await _rig.PassTimeAsync(Change().RescheduleAsync(Later, CancellationToken.None));

        Assert.Equal((false, "NoEffectYet"), Short(result));
        Assert.Contains("Connect has to be told yet", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_move_that_Connect_refuses_is_told_as_that_and_not_as_superseded()
    {
        await _rig.StartAsync(TaskRig.Token, Some.Now.AddDays(3));
        _rig.Connect.Described = new Contact { ScheduledTimestamp = Some.Now.AddDays(3).UtcDateTime };
        var move = new ConnectTasks.Lambda.Move(Later, Later, Some.Now.AddSeconds(1));
        var change = new ConnectTasks.Lambda.ContactChange("contact-1", "changer", Some.Now.AddMinutes(1));
        _rig.Sqs.OnCommand = async _ =>
        {
            await _rig.Ledger.WantAsync(_rig.Identity.Key, change, move, isRetry: false, Some.Now, CancellationToken.None);
            await _rig.Ledger.ToldAsync(
                _rig.Identity.Key, change, move, ConnectTasks.Lambda.ContactChangeEnd.Refused, null, Some.Now,
                CancellationToken.None);
        };

        Assert.Equal((false, "NotMoved"), await RescheduleAsync());
    }

    [Fact]
    public async Task A_task_whose_request_has_not_come_is_moved_and_cancelled_where_a_reschedule_waits_for_it()
    {
        _rig.CarryOut();
        var first = new ConnectTasks.Lambda.Move(Some.Now.AddDays(1), Some.Now, Some.Now.AddMinutes(-1));
        await _rig.Ledger.MoveAsync(_rig.Identity.Key, first, Some.Now, CancellationToken.None);

        var result = await _rig.PassTimeAsync(Change().RescheduleAsync(Later, CancellationToken.None));

        Assert.Equal((true, "Rescheduled"), Short(result));
        Assert.Contains("once its request has come", result.Text, StringComparison.Ordinal);
        Assert.Equal((true, "Cancelled"), await CancelAsync());
    }

    private static Amazon.Runtime.AmazonServiceException ConnectError(int status, string code) => code switch
    {
        "ResourceNotFoundException" => new ResourceNotFoundException(code),
        "InvalidRequestException" => new InvalidRequestException(code),
        "ContactNotFoundException" => new ContactNotFoundException(code),
        _ => new Amazon.Connect.AmazonConnectException(code)
        {
            ErrorCode = code,
            StatusCode = (System.Net.HttpStatusCode)status,
        },
    };

    private TaskChange Change() => new(_rig.Deployment, _rig.Identity, TimeSpan.FromSeconds(5));

    private async Task<(bool, string)> CancelAsync() =>
        Short(await _rig.PassTimeAsync(Change().CancelAsync(false, false, CancellationToken.None)));

    private async Task<(bool, string)> RescheduleAsync() =>
        Short(await _rig.PassTimeAsync(Change().RescheduleAsync(Later, CancellationToken.None)));

    private static (bool, string) Short(ChangeResult result) => (result.IsDone, result.Code);
}
