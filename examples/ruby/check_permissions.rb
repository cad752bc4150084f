# frozen_string_literal: true

# Reads a file of test vectors about permissions: `ruby check_permissions.rb FILE` prints what the class makes of them.

require_relative "sallyport"

VECTORS = JSON.parse(File.read(ARGV.fetch(0), encoding: "UTF-8"))

def verifier(access)
  keys = Sallyport::KeySet.new("http://the-file/", fetch: -> { VECTORS["jwks"] })
  Sallyport::Verifier.new(
    issuer: VECTORS["issuer"], audience: VECTORS["audience"], introspection: false, keys: keys, clock: -> { VECTORS["now"] }, access: access
  )
end

def permissions(access)
  VECTORS["cases"].map { |one| [one["name"], verifier(access).verify(one["token"]).permissions] }
end

def definition?(given)
  Sallyport::Access.new(given)
  true
rescue ArgumentError
  false
end

access = Sallyport::Access.new(VECTORS["definition"])
faults = VECTORS["names"].map do |one|
  verifier(access).requirement(one["kind"].to_sym => one["name"])
  nil
rescue ArgumentError => e
  e.message
end
puts JSON.generate(
  withDefinition: permissions(access),
  withoutDefinition: permissions(nil),
  faults: faults,
  accepted: VECTORS["wrongDefinitions"].select { |wrong| definition?(wrong) }
)
