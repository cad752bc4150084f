# frozen_string_literal: true

# A billing API in one file: `ruby api.rb PORT`. It uses WEBrick. In your project, use `config.ru` and a Rack server.

require "webrick"
require_relative "sallyport"

issuer = ENV.fetch("SALLYPORT_ISSUER")
introspection = Sallyport::Introspection.new(
  "#{issuer}/api/auth/introspect",
  ENV.fetch("SALLYPORT_VERIFIER_SECRET"),
  remember_seconds: Integer(ENV.fetch("REMEMBER_SECONDS", "5"))
)
# The file of `sallyport access export`, if you have a definition of roles and permissions.
access = ENV["SALLYPORT_ACCESS"] && Sallyport::Access.read(ENV["SALLYPORT_ACCESS"])
verifier = Sallyport::Verifier.new(issuer: issuer, audience: ENV.fetch("SALLYPORT_AUDIENCE", "my-api"), introspection: introspection, access: access)
# Requirements are created at the start. So a name that the definition does not have stops the start.
may_read_reports = verifier.requirement(role: %w[finance owner])

json = { "content-type" => "application/json" }
billing = lambda do |env|
  principal = env["sallyport.principal"]
  case env["PATH_INFO"]
  when "/invoices" then [200, json, [JSON.generate(for: principal.id, roles: principal.roles)]]
  when "/reports"
    next [403, json, ['{"title":"Not yours."}']] unless may_read_reports.met_by?(principal)

    [200, json, ['{"revenue":42}']]
  when "/export", "/payouts"
    next [403, json, ['{"title":"Not yours."}']] unless may_read_reports.met_by?(principal)

    env["PATH_INFO"] == "/export" ? principal.step_up!(max_age_seconds: 600) : principal.step_up!(acr: "aal2")
    [200, json, ['{"rows":[]}']]
  else [404, json, ['{"title":"No such page."}']]
  end
end
app = Sallyport::Guard.new(billing, verifier)

server = WEBrick::HTTPServer.new(
  BindAddress: "127.0.0.1",
  Port: Integer(ARGV.fetch(0)),
  Logger: WEBrick::Log.new($stderr, WEBrick::Log::WARN),
  AccessLog: []
)
server.mount_proc("/") do |request, response|
  env = { "PATH_INFO" => request.path, "HTTP_AUTHORIZATION" => request["authorization"] }
  response.status, headers, body = app.call(env)
  headers.each { |name, value| response[name] = value }
  response.body = body.join
end
puts "http://127.0.0.1:#{server.listeners.first.addr[1]}"
$stdout.flush
server.start
