/// Workflows in the older shapes, as they stand in the requirements.
enum OlderWorkflows {
    /// With `workflow_name` and `automation_steps`.
    static let steps = [
        #"""
        workflow_name: "exhibition_planning_automation"
        trigger:
          type: "database_record_create"
          database: "ProductService"
          condition: "service_type == 'exhibition'"

        automation_steps:
          - step: "artist_validation"
            action: "query_contacts_db"
            condition: "artist_email exists"
            success: "proceed"
            failure: "create_artist_profile"

          - step: "resource_allocation"
            action: "check_gallery_availability"
            database: "ProductService"
            filters: ["venue_type == 'gallery'", "date_range overlap"]

          - step: "task_generation"
            action: "create_task_sequence"
            database: "Task"
            template: "exhibition_task_template"
            assignments: "auto_assign_by_capability"

          - step: "marketing_campaign"
            action: "create_campaign"
            database: "MarketingCampaign"
            template: "exhibition_promotion_template"

          - step: "notification_setup"
            action: "schedule_notifications"
            database: "NotificationTemplate"
            triggers: ["2_weeks_before", "1_week_before", "day_of"]

        error_handling:
          - resource_conflict: "escalate_to_human"
          - artist_unavailable: "suggest_alternatives"
          - venue_booking_failed: "retry_with_backup_venues"
        """#,
        #"""
        workflow_name: "wellness_booking_automation"
        trigger:
          type: "api_webhook"
          source: "booking_system"
          event: "new_booking"

        automation_steps:
          - step: "client_lookup"
            action: "find_or_create_contact"
            database: "ContactProfile"
            match_fields: ["email", "phone"]

          - step: "practitioner_assignment"
            action: "find_available_practitioner"
            database: "ContactProfile"
            filters: ["role == 'practitioner'", "specialization matches", "available_time"]

          - step: "resource_booking"
            action: "reserve_room_and_equipment"
            database: "ProductService"
            validation: "check_availability"

          - step: "confirmation_workflow"
            action: "send_confirmation_sequence"
            database: "NotificationTemplate"
            sequence: ["immediate_confirmation", "reminder_24h", "reminder_2h"]

        data_transformations:
          - booking_data: "normalize_to_contact_format"
          - practitioner_schedule: "sync_with_external_calendar"
          - payment_info: "encrypt_and_store_reference"
        """#,
        #"""
        workflow_name: "client_onboarding_automation"
        trigger:
          type: "database_record_update"
          database: "ContactProfile"
          condition: "status changed to 'client'"

        automation_steps:
          - step: "needs_assessment"
            action: "create_assessment_form"
            database: "FeedbackSurvey"
            template: "client_needs_assessment"

          - step: "service_matching"
            action: "recommend_services"
            database: "ProductService"
            algorithm: "needs_based_matching"

          - step: "project_setup"
            action: "create_project_structure"
            databases: ["Task", "WorkflowInstance"]
            template: "consulting_project_template"

          - step: "team_assignment"
            action: "assign_consulting_team"
            database: "ContactProfile"
            criteria: ["expertise_match", "availability", "workload_balance"]

          - step: "communication_setup"
            action: "initialize_communication_channels"
            database: "NotificationTemplate"
            channels: ["email", "slack", "project_portal"]

        quality_gates:
          - needs_assessment_complete: "human_review_required"
          - service_match_confidence: "threshold_80_percent"
          - team_availability: "confirmed_commitment"
        """#,
        #"""
        workflow_name: "project_delivery_automation"
        trigger:
          type: "task_completion"
          database: "Task"
          condition: "task_type == 'milestone'"

        automation_steps:
          - step: "deliverable_compilation"
            action: "aggregate_milestone_outputs"
            database: "DataTransformation"
            format: "client_report_format"

          - step: "quality_review"
            action: "initiate_review_process"
            database: "Task"
            reviewers: "project_leads"

          - step: "client_presentation"
            action: "schedule_review_meeting"
            database: "ProductService"
            integration: "calendar_system"

          - step: "feedback_collection"
            action: "send_feedback_survey"
            database: "FeedbackSurvey"
            template: "milestone_feedback"

          - step: "next_phase_planning"
            action: "generate_next_phase_tasks"
            database: "Task"
            condition: "project_continues"

        analytics_tracking:
          - milestone_completion_time: "track_against_baseline"
          - client_satisfaction_score: "trend_analysis"
          - resource_utilization: "efficiency_metrics"
        """#,
        #"""
        workflow_name: "multi_entity_coordination"
        trigger:
          type: "cross_entity_request"
          source: "api_endpoint"
          validation: "entity_permissions"

        automation_steps:
          - step: "entity_validation"
            action: "verify_entity_access"
            database: "BusinessEntity"
            security: "api_key_validation"

          - step: "agent_orchestration"
            action: "deploy_entity_agents"
            database: "Agent"
            strategy: "parallel_execution"

          - step: "data_coordination"
            action: "manage_cross_entity_data"
            database: "DataTransformation"
            consistency: "eventual_consistency"

          - step: "result_aggregation"
            action: "compile_unified_response"
            database: "WorkflowInstance"
            format: "standardized_api_response"

          - step: "audit_logging"
            action: "log_cross_entity_operation"
            database: "AgentCommunication"
            compliance: "enterprise_audit_trail"

        scalability_features:
          - agent_pool_management: "dynamic_scaling"
          - load_balancing: "entity_based_distribution"
          - circuit_breaker: "failure_isolation"
        """#,
    ]

    /// With `trigger` and steps of `action_type` and `config`.
    static let actions = [
        #"""
        {
         "name": "Opportunity Won - Project Setup",
         "description": "Automatically set up project when opportunity is won",
         "trigger": {
          "type": "event",
          "config": {
           "event_type": "notion.opportunity.stage_changed",
           "conditions": [
            {
             "field": "new_stage",
             "operator": "equals",
             "value": "Closed Won"
            }
           ]
          }
         },
         "steps": [
          {
           "action_type": "notion.create_project",
           "config": {
            "project_data": {
             "name": "{{event_data.opportunity.name}} - Project",
             "area": "{{event_data.opportunity.area}}",
             "status": "Active",
             "funding": "Funded",
             "lead": "{{event_data.opportunity.primary_contact}}",
             "revenue_potential": "{{event_data.opportunity.amount}}"
            }
           }
          },
          {
           "action_type": "email.send_template",
           "config": {
            "template_id": "project_kickoff",
            "recipients": [
             "{{event_data.opportunity.primary_contact.email}}"
            ],
            "variables": {
             "project_name": "{{step_1.name}}",
             "amount": "{{event_data.opportunity.amount}}"
            }
           }
          },
          {
           "action_type": "slack.send_message",
           "config": {
            "channel": "#wins",
            "message": "🎉 New project won: {{step_1.name}} worth {{event_data.opportunity.amount}}"
           }
          }
         ]
        }
        """#,
        #"""
        {
         "name": "Weekly Financial Report",
         "description": "Generate and send weekly financial reports",
         "trigger": {
          "type": "schedule",
          "config": {
           "cron_expression": "0 9 * * MON",
           "timezone": "Australia/Sydney"
          }
         },
         "steps": [
          {
           "action_type": "data.aggregate",
           "config": {
            "source": "financial_transactions",
            "date_range": "last_week",
            "group_by": ["category", "project"],
            "calculations": ["sum", "count", "average"]
           }
          },
          {
           "action_type": "report.generate",
           "config": {
            "template": "weekly_financial",
            "data": "{{step_1}}",
            "format": "pdf"
           }
          },
          {
           "action_type": "email.send",
           "config": {
            "to": ["finance@act.org.au", "management@act.org.au"],
            "subject": "Weekly Financial Report - {{date.week}}",
            "body": "Please find attached the weekly financial report.",
            "attachments": [
             "{{step_2.file_url}}"
            ]
           }
          }
         ]
        }
        """#,
        #"""
        {
         "name": "Budget Overspend Alert",
         "description": "Alert when project exceeds budget threshold",
         "trigger": {
          "type": "event",
          "config": {
           "event_type": "financial.transaction.created"
          }
         },
         "steps": [
          {
           "action_type": "data.query",
           "config": {
            "query": "SELECT budget_utilization FROM project_budgets \#
        WHERE project_id = '{{event_data.project_id}}'"
           }
          },
          {
           "action_type": "control.condition",
           "config": {
            "conditions": [
             {
              "field": "step_1.budget_utilization",
              "operator": "greater_than",
              "value": 90
             }
            ],
            "then_actions": [
             {
              "action_type": "email.send_template",
              "config": {
               "template_id": "budget_alert",
               "recipients": [
                "{{project.lead.email}}",
                "finance@act.org.au"
               ]
              }
             },
             {
              "action_type": "notion.update_project",
              "config": {
               "project_id": "{{event_data.project_id}}",
               "updates": {
                "tags": {
                 "add": ["Budget Alert"]
                }
               }
              }
             }
            ]
           }
          }
         ]
        }
        """#,
    ]
}
