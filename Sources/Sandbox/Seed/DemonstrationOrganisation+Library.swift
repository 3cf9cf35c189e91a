import EventModel

extension DemonstrationOrganisation {
    func library() -> [SeedRow] { templates() + workflows() + agents() + support() }

    private func templates() -> [SeedRow] {
        let templates: [(key: String, name: String, subject: Value, event: Value)] = [
            ("booking_confirmed", "Booking confirmed", "Your booking", "Booking Confirmed"),
            ("booking_reminder_24h", "Reminder a day before", "Tomorrow", "Booking Reminder"),
            (
                "booking_reminder_2h", "Reminder two hours before", "In two hours",
                "Booking Reminder"
            ),
            ("booking_alternatives", "Other times", "Other times for you", "Custom Event"),
        ]
        return templates.enumerated().map { index, template in
            row(
                "notification_templates",
                template.key,
                daysOld: 180 - index,
                [
                    "template_name": .string(template.name),
                    "template_id": .string(template.key),
                    "description": .string("Sent by the wellness booking."), "channel": "Email",
                    "category": "transactional", "priority": "High", "delay": "Immediate",
                    "language": "english", "subject_template": template.subject,
                    "content_template": .string(
                        "The text is kept with the workflow, under \(template.key)."
                    ),
                    "supported_placeholders": ["name", "service", "starts_at"],
                    "business_entities": entity("the_7_space"), "trigger_event": template.event,
                    "status": "Active", "version": "1.0", "created_date": day(-180 + index),
                    "related_workflows": [reference("workflows_library", "wellness_booking")],
                    "tags": ["Transactional"],
                ]
            )
        }
    }

    private func workflows() -> [SeedRow] {
        [
            row(
                "workflows_library",
                "wellness_booking",
                daysOld: 170,
                [
                    "workflow_name": "Wellness Session Booking",
                    "workflow_id": "wellness_booking_automation",
                    "description": "From a booking request to a confirmed session.",
                    "status": "Active", "business_entities": entity("the_7_space"),
                    "trigger_type": "API Call",
                    "trigger_conditions": ["source": "booking_system", "event": "new_booking"],
                    "version": "1.0", "created_date": day(-170),
                    "required_agents": [reference("agent_registry", "booking")],
                    "tags": ["Booking Management"],
                ]
            ),
            row(
                "workflows_library",
                "exhibition",
                daysOld: 165,
                [
                    "workflow_name": "Art Exhibition Coordination",
                    "workflow_id": "art_exhibition_coordination",
                    "description": "From a proposed exhibition to its opening.",
                    "status": "Draft", "business_entities": entity("the_7_space"),
                    "trigger_type": "Database Change", "version": "0.1",
                    "created_date": day(-165), "tags": ["Content Creation"],
                ]
            ),
        ]
    }

    private func agents() -> [SeedRow] {
        let agents: [(key: String, name: String, id: String, can: Value)] = [
            ("booking", "Nyra", "BOOKING_AGENT", ["Booking Detection", "Booking Management"]),
            ("leads", "Solari", "LEAD_AGENT", ["Lead Capture", "Lead Processing"]),
            ("tasks", "Ruvo", "TASK_AGENT", ["Task Creation", "Task Management"]),
        ]
        return agents.enumerated().map { index, agent in
            row(
                "agent_registry",
                agent.key,
                daysOld: 220 - index,
                [
                    "agent_name": .string(agent.name), "agent_id": .string(agent.id),
                    "description": .string("\(agent.name) of the demonstration."),
                    "version": "1.0.0", "status": "Deployed", "capabilities": agent.can,
                    "primary_apis_utilized": ["NOTION_API"],
                    "business_entity_association": entity("the_7_space"), "load_capacity": 10,
                    "health_status": "Healthy",
                    "runtime_environment": "Docker (HigherSelf Network Server)",
                ]
            )
        }
    }

    private func support() -> [SeedRow] {
        [
            row(
                "api_integrations",
                "notion",
                daysOld: 230,
                [
                    "integration_name": "Notion", "integration_id": "INT-NOTION01",
                    "description": "Where staff keep their records.",
                    "api_platform": "NOTION_API", "status": "Active",
                ]
            ),
            row(
                "data_transformations",
                "normalize",
                daysOld: 175,
                [
                    "transformation_name": "Normalise to contact format",
                    "transformation_id": "TRANSFORM-CONTACT1",
                    "description": "Names, addresses and numbers in one form.",
                    "source_format": "JSON", "target_format": "Database Record",
                    "transformation_logic": "Kept with the workflows that use it.",
                ]
            ),
            row(
                "use_cases",
                "booking",
                daysOld: 190,
                [
                    "title": "Book a session without a phone call", "use_case_id": "UC-BOOKING1",
                    "description": "A client books a session and hears of it at once.",
                    "business_value": "Nine bookings of ten need no person.",
                    "implementation_status": "Live",
                    "business_entities": entity("the_7_space"),
                    "related_workflows": [reference("workflows_library", "wellness_booking")],
                ]
            ),
        ]
    }

    func work() -> [SeedRow] {
        [
            row(
                "master_tasks",
                "call-tina",
                daysOld: 2,
                [
                    "task_name": "Call Tina Mlakar back", "task_id": "TASK-DEMO0001",
                    "status": "To Do", "description": "She asked for a gift voucher.",
                    "priority": "Medium", "due_date": day(1), "source": "Manual",
                    "business_entity": entity("the_7_space"),
                    "contact": [reference("contacts_profiles", "tina")],
                    "assigned_to": .list(users.prefix(1).map { .string($0.id) }),
                    "tags": ["Client-facing", "Follow-up"],
                ]
            ),
            row(
                "master_tasks",
                "frames",
                daysOld: 1,
                [
                    "task_name": "Order frames for the spring exhibition",
                    "task_id": "TASK-DEMO0002", "status": "In Progress",
                    "description": "Twelve frames, 50 by 70.", "priority": "Low",
                    "due_date": day(30), "source": "Manual",
                    "business_entity": entity("the_7_space"), "tags": ["Internal"],
                ]
            ),
            row(
                "marketing_campaigns",
                "spring",
                daysOld: 20,
                [
                    "campaign_name": "Spring in the gallery", "campaign_id": "CAMP-SPRING01",
                    "description": "Brings visitors to the group exhibition.",
                    "business_entity": entity("the_7_space"),
                ]
            ),
        ]
    }
}
