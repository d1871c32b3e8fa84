using Microsoft.Extensions.DependencyInjection;

namespace OrleansSagas.Tests.Testing;

/// <summary>Crashes, stops, and a store that fails.</summary>
public sealed class ProcessFaultTests
{
    private readonly Agency _agency = new();

    public static TheoryData<int, bool, bool> EveryCommit
    {
        get
        {
            var all = new TheoryData<int, bool, bool>();
            for (var commit = 1; commit <= 6; commit++)
                foreach (var isBefore in new[] { true, false })
                foreach (var isRejected in new[] { true, false })
                    if (commit <= 4 || isRejected)
                        all.Add(commit, isBefore, isRejected);
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(EveryCommit))]
    public async Task Run_WhenTheProcessCrashesAtAnyCommit_EndsAsItWould(int commit, bool isBefore, bool isRejected)
    {
        await using var host = await Trips.HostAsync(_agency);
        if (isRejected)
            host.Faults.Step("send-tickets").IsRejected();
        if (isBefore)
            host.Faults.CrashBeforeCommit(commit);
        else
            host.Faults.CrashAfterCommit(commit);

        var end = await host.RunAsync("trip", new Trip("Anna"));

        Assert.Equal(isRejected ? SagaStatus.Compensated : SagaStatus.Completed, end.Status);
        Assert.Equal(isRejected ? 0 : 3, _agency.Standing.Length);
        host.Faults.Verify();
    }

    [Fact]
    public async Task Crash_WhenTheTestAsksForIt_LeavesWhatWasCommittedAndNothingRuns()
    {
        await using var host = await Trips.HostAsync(_agency, definition: Trips.Define(deadline: TimeSpan.FromHours(1)));
        host.Faults.Step("book-flight").TimesOut();
        var saga = await host.Client.StartAsync("trip", new Trip("Anna"));

        await host.CrashAsync();
        await host.AdvanceAsync(TimeSpan.FromHours(2));

        Assert.Equal(["do book-hotel 1"], _agency.Calls);
        Assert.Contains("is Running", host.Describe(saga.Id), StringComparison.Ordinal);
        var unavailable = await Assert.ThrowsAsync<SagaUnavailableException>(() => saga.GetAsync());
        Assert.Equal("The host is down: it crashed or was stopped. Call RestartAsync first.", unavailable.Message);
        Assert.Contains(
            "The host is down",
            (await Assert.ThrowsAsync<SagaWaitTimeoutException>(() => saga.WaitAsync())).Message,
            StringComparison.Ordinal
        );
        await Assert.ThrowsAsync<SagaUnavailableException>(host.CrashAsync);

        await host.RestartAsync();

        var end = await saga.WaitAsync();
        Assert.Equal((SagaStatus.Compensated, SagaEndReason.Deadline), (end.Status, end.Reason));
        Assert.Contains("undo book-flight 1", _agency.Calls);
    }

    [Fact]
    public async Task Stop_WhenAStepHangs_WaitsForItInVirtualTimeAndLosesNothing()
    {
        await using var host = await Trips.HostAsync(_agency, test => test.Grace = TimeSpan.FromHours(1));
        host.Faults.Step("book-flight").TimesOut();
        var saga = await host.Client.StartAsync("trip", new Trip("Anna"));
        var began = host.Time.GetUtcNow();

        await host.StopAsync();

        Assert.InRange(host.Time.GetUtcNow() - began, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(25));
        await host.RestartAsync();
        var end = await saga.WaitAsync();
        Assert.Equal(SagaStatus.Completed, end.Status);
    }

    [Fact]
    public async Task Restart_WhenTheProcessRuns_StopsItFirst()
    {
        await using var host = await Trips.HostAsync(_agency, test => test.Services.AddSingleton<object>());
        var service = host.Services.GetRequiredService<object>();
        host.Faults.Step("book-flight").Fails(3);
        var saga = await host.Client.StartAsync("trip", new Trip("Anna"));

        await host.RestartAsync();

        Assert.NotSame(service, host.Services.GetRequiredService<object>());
        Assert.Same(_agency, host.Services.GetRequiredService<Agency>());
        var end = await saga.WaitAsync();
        Assert.Equal((SagaStatus.Completed, 4), (end.Status, end.Steps[1].Attempts));
        Assert.DoesNotContain("lost", host.Describe(saga.Id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wait_WhenTheProcessIsDown_SaysSoAtOnce()
    {
        await using var host = await Trips.HostAsync(_agency);
        host.Faults.Step("book-flight").Fails(2);
        var saga = await host.Client.StartAsync("trip", new Trip("Anna"));
        await host.StopAsync();
        var began = host.Time.GetUtcNow();

        var exception = await Assert.ThrowsAsync<SagaWaitTimeoutException>(() =>
            host.WaitForAsync(saga.Id, trip => trip.EndedAt is not null)
        );

        Assert.Contains("Call RestartAsync first.", exception.Message, StringComparison.Ordinal);
        Assert.Equal(began, host.Time.GetUtcNow());
    }

    [Fact]
    public async Task Store_WhenItIsAwayForAWhile_HoldsTheSagaUpAndLosesNothing()
    {
        await using var host = await Trips.HostAsync(_agency);
        host.Faults.Step("book-flight").Fails();
        var saga = await host.Client.StartAsync("trip", new Trip("Anna"));
        var began = host.Time.GetUtcNow();

        host.Faults.Store.IsAwayFor(TimeSpan.FromMinutes(5));

        var end = await saga.WaitAsync();
        Assert.Equal(SagaStatus.Completed, end.Status);
        Assert.InRange(end.EndedAt!.Value - began, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5.1));
        Assert.Equal(3, _agency.Standing.Length);
        host.Faults.Verify();
    }

    [Fact]
    public async Task Start_WhenTheStoreIsAwayForLong_IsUnavailableAfterTheClientsPatience()
    {
        await using var host = await Trips.HostAsync(_agency);
        host.Faults.Store.IsAwayFor(TimeSpan.FromMinutes(5));
        var began = host.Time.GetUtcNow();

        var exception = await Assert.ThrowsAsync<SagaUnavailableException>(() => host.Client.StartAsync("trip", new Trip("Anna")));

        Assert.Contains("The store cannot be reached, says the test.", exception.Message, StringComparison.Ordinal);
        Assert.InRange(host.Time.GetUtcNow() - began, TimeSpan.FromSeconds(25), TimeSpan.FromSeconds(30));
        Assert.Empty(_agency.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Store_WhenItDoesNotSayWhatBecameOfCommits_NothingIsDoneTwice(bool written)
    {
        await using var host = await Trips.HostAsync(_agency);
        if (written)
            host.Faults.Store.LosesAnswers(3);
        else
            host.Faults.Store.LosesCommits(3);

        var end = await host.RunAsync("trip", new Trip("Anna"), within: TimeSpan.FromMinutes(1));

        Assert.Equal(SagaStatus.Completed, end.Status);
        Assert.Equal(3, _agency.Calls.Length);
        host.Faults.Verify();
    }
}
