namespace ConnectTasks.Tests.Template;

public sealed class TemplateTests
{
    private static readonly Func<ProjectText, IEnumerable<string>>[] Rules =
    [
        TimingRules.The_functions_start_with_the_templates_environment,
        TimingRules.The_time_out_covers_an_attempt_and_the_settlement,
        TimingRules.A_batch_is_paced_within_one_invocation,
        TimingRules.Visibility_is_six_time_outs_and_the_window,
        TimingRules.A_lease_ends_before_its_message_returns,
        TimingRules.A_healthy_message_stays_under_maxReceiveCount,
        TimingRules.Retention_is_what_the_function_is_told,
        TimingRules.Dead_letters_are_kept_longer_than_messages,
        TimingRules.Reserved_concurrency_is_no_less_than_the_mappings,
        TimingRules.Pace_is_what_the_function_is_told,
        TimingRules.Maximum_concurrency_is_2_to_1000,
        TimingRules.Schedule_settings_are_the_designs,
        TimingRules.The_release_function_ticks_and_does_not_pile_up,
        ResourceRules.Every_queue_event_reports_batch_item_failures,
        ResourceRules.No_queue_event_has_a_filter,
        ResourceRules.The_task_queue_feeds_the_dispatch_function,
        ResourceRules.Both_queues_are_of_one_type,
        ResourceRules.A_fifo_queue_has_no_batching_window,
        ResourceRules.Queues_are_encrypted,
        ResourceRules.Queues_take_tls_only,
        ResourceRules.Only_named_producers_are_let_in,
        ResourceRules.What_holds_tasks_outlives_the_stack,
        ResourceRules.The_table_is_the_ledgers,
        ResourceRules.Due_tasks_are_found_by_a_sharded_sparse_index,
        PermissionRules.Each_function_may_do_exactly_what_is_listed,
        PermissionRules.What_is_granted_is_what_the_code_calls,
        PermissionRules.Each_function_has_its_own_role_and_no_managed_policy,
        PermissionRules.No_statement_reaches_beyond_this_system,
        PermissionRules.Given_a_list_only_its_flows_may_be_started,
        PermissionRules.What_the_role_may_start_the_function_takes,
        PermissionRules.A_customer_key_may_be_used_through_its_services_only,
        OperationRules.There_is_an_alarm_for_each_entry_of_the_runbook,
        OperationRules.Alarms_go_to_the_topic_and_only_if_there_is_one,
        OperationRules.Alarms_watch_metrics_that_exist,
        OperationRules.Alarms_fit_the_times_they_are_about,
        OperationRules.The_dashboard_shows_every_alarm_and_metrics_that_exist,
        OperationRules.Each_function_logs_json_to_its_own_group_for_a_time,
        OperationRules.The_log_level_keeps_the_metrics,
        DeploymentRules.Every_parameter_is_described_bounded_grouped_and_labelled,
        DeploymentRules.One_build_serves_both_functions,
        DeploymentRules.The_configuration_fits_the_template_and_names_no_account,
        BuildRules.Build_and_deploy_read_the_same_parameters,
        BuildRules.Documented_commands_keep_the_parameters,
        BuildRules.Sam_local_invoke_starts_the_function_as_documented,
        DeploymentRules.The_workflow_builds_both_choices_and_can_do_no_harm,
    ];

    public static TheoryData<string> RuleNames => [.. Rules.Select(r => r.Method.Name)];

    public static TheoryData<string, int> Mutations =>
        [.. Mutation.All.Select((m, i) => new TheoryDataRow<string, int>(m.Rule, i))];

    [Theory]
    [MemberData(nameof(RuleNames))]
    public void The_shipped_template_keeps_the_rule(string rule) => Assert.Empty(Rule(rule)(ProjectText.Shipped));

    [Theory]
    [MemberData(nameof(Mutations))]
    public void A_broken_template_breaks_the_rule(string rule, int mutation)
    {
        var broken = Mutation.All[mutation].Apply(ProjectText.Shipped);

        Assert.NotEmpty(Rule(rule)(broken));
    }

    [Fact]
    public void Every_rule_is_seen_to_fail()
    {
        Assert.Empty(Rules.Select(r => r.Method.Name).Except(Mutation.All.Select(m => m.Rule)));
    }

    private static Func<ProjectText, IEnumerable<string>> Rule(string name) => Rules.Single(r => r.Method.Name == name);
}
