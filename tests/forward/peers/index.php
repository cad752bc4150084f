<?php
// What arrives at PHP's built-in server, told as JSON.
$body = file_get_contents('php://input');
header('Content-Type: application/json');
echo json_encode([
    'method' => $_SERVER['REQUEST_METHOD'],
    'path' => rawurldecode(explode('?', $_SERVER['REQUEST_URI'])[0]),
    'query' => $_SERVER['QUERY_STRING'] ?? '',
    'length' => strlen($body),
    'hash' => hash('sha256', $body),
    'type' => $_SERVER['CONTENT_TYPE'] ?? '',
    'agent' => $_SERVER['HTTP_USER_AGENT'] ?? '',
], JSON_UNESCAPED_SLASHES);
